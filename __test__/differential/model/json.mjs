// A strict reader of JSON (RFC 8259), by recursive descent. It goes on after what is no error of grammar, so that one look
// says all that is wrong with a text.

/** ARCHITECTURE.md, "What is verified", 2. */
const MAX_LEVELS = 16

const LITERALS = new Map([
  ['true', true],
  ['false', false],
  ['null', null]
])
const ESCAPES = new Map([...'"\\/'].map((it) => [it, it]).concat([...'bfnrt'].map((it, at) => [it, '\b\f\n\r\t'[at]])))
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y
const HEX = /[0-9a-fA-F]{4}/y

/**
 * - `utf8`: the bytes are no UTF-8 (RFC 8259, section 8.1)
 * - `bom`: a byte order mark in front (ibid.)
 * - `grammar`: not JSON
 * - `object`: not an object
 * - `duplicate`: a member twice, in any object (RFC 8259, section 4)
 * - `depth`: deeper than the limit (section 9)
 * - `surrogate`: half a surrogate pair (section 8.2)
 * - `range`: a number that is no finite double (section 6)
 *
 * @typedef {'utf8' | 'bom' | 'grammar' | 'object' | 'duplicate' | 'depth' | 'surrogate' | 'range'} JsonProblem
 */

/**
 * Objects become Maps, in which the last of two members of a name stands.
 *
 * @param {Buffer} bytes
 * @returns {{ value: Map<string, any> | undefined, problems: JsonProblem[] }}
 */
export function readObject(bytes) {
  const problems = new Set()
  let text = bytes.toString('utf8')
  if (!Buffer.from(text, 'utf8').equals(bytes)) problems.add('utf8')
  if (text.startsWith('\ufeff')) {
    problems.add('bom')
    text = text.slice(1)
  }
  let value
  try {
    value = new Reader(text, problems).document()
  } catch (error) {
    if (!(error instanceof GrammarError)) throw error
    problems.add('grammar')
  }
  if (value !== undefined && !(value instanceof Map)) {
    problems.add('object')
    value = undefined
  }
  return { value, problems: [...problems] }
}

class GrammarError extends Error {}

class Reader {
  /** @param {string} text @param {Set<string>} problems */
  constructor(text, problems) {
    this.text = text
    this.problems = problems
    this.at = 0
  }

  document() {
    const value = this.value(0)
    if (this.at !== this.text.length) throw new GrammarError()
    return value
  }

  /** A value with the white space around it; `level` is the number of arrays and objects it stands in. */
  value(level) {
    this.space()
    const value = this.bareValue(level)
    this.space()
    return value
  }

  bareValue(level) {
    const next = this.text[this.at]
    if (next === '{') return this.object(level + 1)
    if (next === '[') return this.array(level + 1)
    if (next === '"') return this.string()
    for (const [literal, value] of LITERALS) if (this.takes(literal)) return value
    return this.number()
  }

  object(level) {
    const members = new Map()
    this.list(level, '}', () => {
      this.space()
      if (this.text[this.at] !== '"') throw new GrammarError()
      const name = this.string()
      this.space()
      if (!this.takes(':')) throw new GrammarError()
      const value = this.value(level)
      if (members.has(name)) this.problems.add('duplicate')
      members.set(name, value)
    })
    return members
  }

  array(level) {
    const elements = []
    this.list(level, ']', () => elements.push(this.value(level)))
    return elements
  }

  list(level, end, element) {
    if (level > MAX_LEVELS) this.problems.add('depth')
    this.at += 1
    this.space()
    if (this.takes(end)) return
    do element()
    while (this.takes(','))
    if (!this.takes(end)) throw new GrammarError()
  }

  string() {
    this.at += 1
    let value = ''
    for (;;) {
      const next = this.text[this.at++]
      if (next === undefined || next < ' ') throw new GrammarError()
      if (next === '"') break
      value += next === '\\' ? this.escape() : next
    }
    if (!value.isWellFormed()) this.problems.add('surrogate')
    return value
  }

  escape() {
    const next = this.text[this.at++]
    if (next !== 'u') {
      const character = ESCAPES.get(next)
      if (character === undefined) throw new GrammarError()
      return character
    }
    return String.fromCharCode(Number.parseInt(this.match(HEX), 16))
  }

  number() {
    const value = Number(this.match(NUMBER))
    if (!Number.isFinite(value)) this.problems.add('range')
    return value
  }

  match(pattern) {
    pattern.lastIndex = this.at
    const found = pattern.exec(this.text)
    if (found === null) throw new GrammarError()
    this.at += found[0].length
    return found[0]
  }

  takes(word) {
    const isThere = this.text.startsWith(word, this.at)
    if (isThere) this.at += word.length
    return isThere
  }

  space() {
    while (this.at < this.text.length && ' \t\n\r'.includes(this.text[this.at])) this.at += 1
  }
}

/** A value of the reader as JSON.parse gives it. */
export function plain(value) {
  if (value instanceof Map) {
    // Not by assignment: `__proto__` is a member like any other.
    return Object.fromEntries([...value].map(([name, member]) => [name, plain(member)]))
  }
  return Array.isArray(value) ? value.map(plain) : value
}
