// base64url as RFC 7515, section 2, has it, decoded bit by bit: nothing of the platform's lenient decoder.

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const VALUES = new Map([...ALPHABET].map((character, value) => [character, value]))

/**
 * @param {string} text
 * @returns {{ bytes: Buffer, problem?: 'alphabet' | 'canonical' }} `alphabet`: padding, white space or another foreign
 * character (RFC 7515, section 2); `canonical`: a length that no encoder makes, or unused bits (RFC 4648, section 3.5)
 */
export function decode(text) {
  const bytes = []
  let bits = 0
  let held = 0
  for (const character of text) {
    const value = VALUES.get(character)
    if (value === undefined) return { bytes: Buffer.from(text, 'base64url'), problem: 'alphabet' }
    bits = ((bits << 6) | value) & 0xffff
    held += 6
    if (held >= 8) {
      held -= 8
      bytes.push((bits >> held) & 0xff)
    }
  }
  const isCanonical = held < 6 && (bits & ((1 << held) - 1)) === 0
  return isCanonical ? { bytes: Buffer.from(bytes) } : { bytes: Buffer.from(bytes), problem: 'canonical' }
}
