// How the segments are encoded, before they are signed, and what becomes of the whole token afterwards.

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const FOREIGN = ['=', '==', ' ', '\n', '\t', '+', '/', '%', '~', '\0', '\x7f', 'é', '\u0141', '\ud800']

const onSegment = (name, change) => ({
  name,
  apply: (draft, random) => {
    const segment = random.pick(['header', 'payload', 'signature'])
    const { [segment]: before } = draft.encode
    const seed = random.int(2 ** 31)
    draft.encode[segment] = (bytes) => change(before(bytes), seed, random)
  }
})

export const encodingChanges = [
  [2, onSegment('padding', (text) => text.padEnd(Math.ceil(text.length / 4) * 4, '='))],
  [
    2,
    onSegment('a foreign character', (text, seed) =>
      insert(text, seed % (text.length + 1), FOREIGN[seed % FOREIGN.length])
    )
  ],
  [2, onSegment('the other alphabet', (text) => text.replaceAll('-', '+').replaceAll('_', '/'))],
  [3, onSegment('unused bits', unusedBits)],
  [
    2,
    onSegment('a character that says nothing', (text, seed) =>
      text.length % 4 === 0 ? text + ALPHABET[seed % 64] : text
    )
  ],
  [1, onSegment('an empty segment', () => '')],
  [
    1,
    whole('a character inserted', (token, random) =>
      insert(token, random.int(token.length + 1), random.pick(['.', 'A', ...FOREIGN]))
    )
  ],
  [1, whole('a character taken away', (token, random) => cut(token, random.int(token.length), 1))],
  [
    1,
    whole('a character changed', (token, random) => {
      const at = random.int(token.length)
      return insert(cut(token, at, 1), at, random.pick([...ALPHABET]))
    })
  ],
  [1, whole('cut off', (token, random) => token.slice(0, random.int(token.length)))],
  [
    1,
    whole('another number of segments', (token, random) =>
      random.pick([
        token.slice(0, token.lastIndexOf('.')),
        `${token}.`,
        `.${token}`,
        `${token}.x`,
        token.replace('.', '..'),
        token.replaceAll('.', ''),
        token + token
      ])
    )
  ],
  [
    1,
    whole('white space around it', (token, random) =>
      random.pick([` ${token}`, `${token} `, `${token}\n`, `Bearer ${token}`])
    )
  ],
  [1, whole('nothing', () => '')]
]

function whole(name, change) {
  return {
    name,
    apply: (draft, random) => {
      const { whole: before } = draft
      draft.whole = (token) => change(before(token), random)
    }
  }
}

/** The last character with the bits set that the length leaves over. */
function unusedBits(text, seed) {
  const spare = { 2: 15, 3: 3 }[text.length % 4]
  if (spare === undefined) return text
  const last = ALPHABET.indexOf(text.at(-1))
  return last < 0 ? text : text.slice(0, -1) + ALPHABET[last | (1 + (seed % spare))]
}

function insert(text, at, more) {
  return text.slice(0, at) + more + text.slice(at)
}

function cut(text, at, count) {
  return text.slice(0, at) + text.slice(at + count)
}
