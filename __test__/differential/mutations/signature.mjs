// Signatures: changed, of another kind, of another key, and the second one that every ECDSA signature has.

/** The order of P-256 (FIPS 186-4, D.1.2.3). */
const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

const onSignature = (name, change) => ({
  name,
  apply: (draft, random) => {
    const seed = random.int(2 ** 31)
    draft.signature = (bytes) => change(bytes, seed)
  }
})

export const signatureChanges = [
  [3, onSignature('one bit of the signature', flipped)],
  [1, onSignature('a signature of zeros', (bytes) => Buffer.alloc(bytes.length))],
  [1, onSignature('a signature of ones', (bytes) => Buffer.alloc(bytes.length, 0xff))],
  [
    1,
    onSignature('a longer signature', (bytes, seed) =>
      Buffer.concat(seed % 2 ? [bytes, Buffer.alloc(1)] : [Buffer.alloc(1), bytes])
    )
  ],
  [1, onSignature('a shorter signature', (bytes, seed) => (seed % 2 ? bytes.subarray(1) : bytes.subarray(0, -1)))],
  [2, onSignature('the other of two ECDSA signatures', mirrored)],
  [1, { name: 'a DER signature', apply: (draft) => Object.assign(draft, { signer: { ...draft.signer, by: 'der' } }) }],
  [
    2,
    {
      name: "a stranger's signature",
      apply: (draft) => Object.assign(draft, { signer: { ...draft.signer, by: 'stranger' } })
    }
  ]
]

function flipped(bytes, seed) {
  const copy = Buffer.from(bytes)
  copy[seed % copy.length] ^= 1 << ((seed >> 16) % 8)
  return copy
}

/** (r, n - s), which is as valid as (r, s). */
function mirrored(bytes) {
  if (bytes.length !== 64) return bytes
  const s = BigInt(`0x${bytes.subarray(32).toString('hex')}`)
  const other = (P256_ORDER - s).toString(16).padStart(64, '0')
  return Buffer.concat([bytes.subarray(0, 32), Buffer.from(other, 'hex')])
}
