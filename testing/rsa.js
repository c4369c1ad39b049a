'use strict'

const { createPrivateKey, createPublicKey, generatePrime, generatePrimeSync } = require('node:crypto')
const { promisify } = require('node:util')
const { optionError } = require('./errors')

/** The public exponent of every key here, a prime. */
const EXPONENT = 65_537n

/** OpenSSL refuses to use shorter keys, and needs minutes to make longer ones. */
const MIN_LENGTH = 512
const MAX_LENGTH = 8192

const DEFAULT_LENGTH = 2048

const BIGINT = /** @type {const} */ ({ bigint: true })

const prime = promisify(
  /** @type {(bits: number, options: typeof BIGINT, done: (error: Error | null, prime: bigint) => void) => void} */ (
    generatePrime
  )
)

/** @typedef {ReturnType<typeof generateRsaKeySync>} RsaKey */

/**
 * A new RSA key. Its primes are made side by side in Node's thread pool: OpenSSL's own key generation makes one after the other
 * and takes twice the processor time, which is most of what a test authority needs to start.
 *
 * @param {number} [modulusLength] bits
 * @returns {Promise<RsaKey>}
 */
async function generateRsaKey(modulusLength = DEFAULT_LENGTH) {
  const bits = primeLength(modulusLength)
  const [p, q] = await Promise.all([prime(bits, BIGINT), prime(bits, BIGINT)])
  return isFit(p, q, modulusLength) ? keyOf(p, q) : generateRsaKey(modulusLength)
}

function generateRsaKeySync() {
  const bits = primeLength(DEFAULT_LENGTH)
  while (true) {
    const [p, q] = [generatePrimeSync(bits, BIGINT), generatePrimeSync(bits, BIGINT)]
    if (isFit(p, q, DEFAULT_LENGTH)) return keyOf(p, q)
  }
}

/** @param {number} modulusLength */
function primeLength(modulusLength) {
  if (!Number.isInteger(modulusLength / 2) || modulusLength < MIN_LENGTH || modulusLength > MAX_LENGTH) {
    throw optionError(
      `modulusLength: expected an even number from ${MIN_LENGTH} to ${MAX_LENGTH}, got ${modulusLength}`
    )
  }
  return modulusLength / 2
}

/**
 * Whether the product of two primes has exactly so many bits (it has: OpenSSL sets the two highest bits of each), and the
 * exponent an inverse, which it has unless it divides one less than a prime.
 *
 * @param {bigint} p
 * @param {bigint} q
 * @param {number} modulusLength
 */
function isFit(p, q, modulusLength) {
  return p !== q && (p * q) >> BigInt(modulusLength - 1) === 1n && p % EXPONENT !== 1n && q % EXPONENT !== 1n
}

/**
 * RFC 7518, section 6.3.
 *
 * @param {bigint} p
 * @param {bigint} q
 */
function keyOf(p, q) {
  const d = inverse(EXPONENT, (p - 1n) * (q - 1n))
  const key = {
    kty: 'RSA',
    n: base64url(p * q),
    e: base64url(EXPONENT),
    d: base64url(d),
    p: base64url(p),
    q: base64url(q),
    dp: base64url(d % (p - 1n)),
    dq: base64url(d % (q - 1n)),
    qi: base64url(inverse(q, p))
  }
  const privateKey = createPrivateKey({ key, format: 'jwk' })
  return { privateKey, publicKey: createPublicKey(privateKey), n: key.n, e: key.e }
}

/**
 * The extended Euclidean algorithm.
 *
 * @param {bigint} number
 * @param {bigint} modulus
 */
function inverse(number, modulus) {
  let [previous, current] = [modulus, number % modulus]
  let [previousFactor, factor] = [0n, 1n]
  while (current > 0n) {
    const quotient = previous / current
    ;[previous, current] = [current, previous - quotient * current]
    ;[previousFactor, factor] = [factor, previousFactor - quotient * factor]
  }
  return previousFactor < 0n ? previousFactor + modulus : previousFactor
}

/** @param {bigint} number */
function base64url(number) {
  const digits = number.toString(16)
  return Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex').toString('base64url')
}

module.exports = { generateRsaKey, generateRsaKeySync }
