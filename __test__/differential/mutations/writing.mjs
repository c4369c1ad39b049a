// How header and claims are written: escapes, white space, members twice, depth, numbers, and what is no JSON at all.

import { textIn } from '../draft.mjs'

const SPACES = [' ', '\n', '\t', '\r\n', '  ']
const NO_SPACES = ['\u00a0', '\ufeff', '\u000b', '\u2028', '/**/', '//\n']
const NUMBERS = [
  '1e400',
  '-1e400',
  '1e-400',
  '01',
  '+1',
  '.5',
  '1.',
  '0x10',
  'NaN',
  'Infinity',
  '-',
  '1e',
  '9007199254740993',
  '18446744073709551616',
  '1E+2',
  '1767225600000000000000000000'
]
const NO_VALUES = ['undefined', "'x'", '[1,]', '{"a":1,}', '[', '"', '"\n"', '"\\x"', '"\\u12"', 'nul', 'TRUE', ',', '']
const SURROGATES = ['"\\ud800"', '"\\udc00x"', '"\\ud83d\\ude00"', '["\\udfff"]', '{"\\ud800":1}']
/** No UTF-8: overlong, half a pair, too high, cut off. */
const NO_UTF8 = [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82]]

const onEither = (name, action) => ({
  name,
  apply: (draft, random) => {
    const segment = random.pick(['header', 'payload'])
    action(draft[segment], random, draft, segment)
  }
})

const someValue = (list) => (members, random) => {
  const member = random.chance(0.5) && members.list.length > 0 ? random.pick(members.list) : undefined
  if (member) member.value = random.pick(list)
  else members.set('extra', random.pick(list))
}

export const writingChanges = [
  [2, onEither('white space', (members, random) => Object.assign(members, { space: random.pick(SPACES) }))],
  [
    1,
    onEither('what is no white space', (members, random) => Object.assign(members, { space: random.pick(NO_SPACES) }))
  ],
  [2, onEither('a name with escapes', (members, random) => withEscapes(members, random, 'name'))],
  [2, onEither('a value with escapes', (members, random) => withEscapes(members, random, 'value'))],
  [3, onEither('a member twice', twice)],
  [1, onEither('a member twice, further down', (members) => members.set('extra', '[{"a":{"b":1,"b":1}}]'))],
  [1, onEither('names that differ in case', otherCase)],
  [2, onEither('depth', (members, random) => members.set('extra', nested(13 + random.int(5), random)))],
  [2, onEither('a number', someValue(NUMBERS))],
  [1, onEither('a number that is too large', someValue(['1e400', '-1e309']))],
  [2, onEither('a surrogate', someValue(SURROGATES))],
  [1, onEither('what is no value', someValue(NO_VALUES))],
  [1, onEither('many members', manyMembers)],
  [1, onEither('another order', (members, random) => Object.assign(members, { list: random.shuffled(members.list) }))],
  [2, onEither('another text', anotherText)],
  [2, onEither('bytes that are no UTF-8', noUtf8)],
  [
    1,
    onEither('a long text', (members, random) =>
      members.set('extra', `"${'x'.repeat(random.pick([100, 600, 12_000]))}"`)
    )
  ]
]

function withEscapes(members, random, part) {
  const member = random.pick(members.list.length ? members.list : [{}])
  const text = textIn(member[part] ?? '')
  if (text === undefined) return
  const units = text.split('')
  const written = units.map((unit) => {
    if (random.chance(0.5)) return JSON.stringify(unit).slice(1, -1)
    const hex = unit.charCodeAt(0).toString(16).padStart(4, '0')
    return `\\u${random.chance(0.5) ? hex.toUpperCase() : hex}`
  })
  member[part] = `"${written.join('')}"`
}

function twice(members, random) {
  if (members.list.length === 0) return
  const { name, value } = random.pick(members.list)
  const spelled = random.chance(0.3) ? `"\\u${name.charCodeAt(1).toString(16).padStart(4, '0')}${name.slice(2)}` : name
  members.list.splice(random.int(members.list.length + 1), 0, {
    name: spelled,
    value: random.pick([value, '"other"', 'null'])
  })
}

function otherCase(members, random) {
  if (members.list.length === 0) return
  const { name, value } = random.pick(members.list)
  members.list.push({ name: name.toUpperCase(), value })
}

function nested(levels, random) {
  const isObject = random.chance(0.5)
  return isObject ? `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}` : `${'['.repeat(levels)}${']'.repeat(levels)}`
}

function manyMembers(members, random) {
  const count = random.pick([20, 64, 65, 130])
  for (let at = 0; at < count; at++) members.list.push({ name: `"m${at}"`, value: '0' })
  if (random.chance(0.5)) members.list.push({ name: `"m${random.int(count)}"`, value: '1' })
}

function anotherText(members, random) {
  const finish = random.pick([
    (text) => `[${text}]`,
    (text) => `${text}${text}`,
    (text) => text.slice(0, -1),
    (text) => `\ufeff${text}`,
    (text) => `\ufeff${text}`,
    (text) => `${text}\0`,
    (text) => `${text},`,
    (text) => JSON.stringify(text),
    () => 'null',
    () => '7',
    () => '{}',
    () => ' '
  ])
  members.finish = finish
}

function noUtf8(members, random, draft, segment) {
  members.set('extra', '"@@@@"')
  const bad = Buffer.from(random.pick(NO_UTF8))
  draft.bytes[segment] = (bytes) => {
    const at = bytes.indexOf('@@@@')
    return at < 0 ? bytes : Buffer.concat([bytes.subarray(0, at), bad, bytes.subarray(at + 4)])
  }
}
