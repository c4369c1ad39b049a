// Numbers of the documentation: those that were measured stand between the marks of the program that writes or compares them;
// each of the others is compared with the code that it comes from.
import { maxHeaderSize } from 'node:http'
import test from 'ava'
import { declaredOptions, number, one, text } from '../helpers/facts.mjs'
import { pages, proseOf } from '../helpers/markdown.mjs'

const documents = pages.filter((page) => /^(?:README\.md|docs\/(?!contributing\/))/.test(page))

/** The value of a constant, where the code says it in the unit of the page or `factor` times as large. */
const inCode = (file, pattern, factor = 1) => number(one(text(file), pattern, `${pattern} in ${file}`)) / factor

/** The default of an option, which facts.test.mjs compares with the code. */
const declaredDefault = (option) =>
  number(/Default:\s*(?:\*\s*)?(\d[\d ]*)/.exec(declaredOptions(text('index.d.ts')).get(option))?.[1])

/** Where values with a unit come from, on one page or wherever they are. */
const SOURCES = {
  '0 s': () => declaredDefault('clockTolerance'),
  '1 s': () => inCode('src/keys/unknown_keys.rs', /const FIRST_PAUSE: Duration = Duration::from_secs\((\d+)\)/g),
  '5 s': () => declaredDefault('keys.timeout'),
  'docs/doctor.md: 5 s': () => inCode('lib/doctor/documents.js', /const CLOCK = \{ well: (\d+),/g),
  'docs/options.md: 30 s': () => inCode('src/keys/cache.rs', /\bcooldown: Duration::from_secs\((\d+)\)/g),
  '3600 s': () => inCode('src/keys/cache.rs', /refresh_interval: Duration::from_secs\(([\d_]+)\)/g),
  '86400 s': () => inCode('src/keys/cache.rs', /retention: Duration::from_secs\(([\d_]+)\)/g),
  '15 min': () => inCode('lib/cli/web/server.js', /const IDLE = (\d+) \* 60_000/g),
  '24 h': () =>
    inCode('src/keys/cache.rs', /const MIN_LIFE_OF_NEWEST_ANSWER: .* = Duration::from_secs\(([\d_]+)\)/g, 3600),
  // Two hours have passed when the alert begins.
  '22 h': () =>
    SOURCES['24 h']() - number(/entra_signing_keys_age_seconds > (\d+)/.exec(text('docs/operating.md'))[1]) / 3600,
  '5 min': () => inCode('src/keys/cache.rs', /const MAX_RETRY_AFTER: Duration = Duration::from_secs\((\d+)\);/g, 60),
  'docs/signing-keys.md: 30 s': () => {
    const longest = inCode(
      'src/keys/cache.rs',
      /const BACK_OFF: .* = \(Duration::from_secs\(1\), Duration::from_secs\((\d+)\)\)/g
    )
    const noticed = inCode('src/node/clock.rs', /const WORTH_SAYING: f64 = ([\d.]+);/g)
    const cooldown = inCode('src/keys/cache.rs', /\bcooldown: Duration::from_secs\((\d+)\)/g)
    return longest === noticed && noticed === cooldown ? longest : undefined
  },
  '10 %': () => inCode('src/keys/cache.rs', /self\.settings\.refresh_interval, 0\.9 \+ 0\.(\d) \* jitter/g) * 5,
  '100 keys': () => inCode('src/keys/jwk_set.rs', /const MAX_KEYS: usize = (\d+);/g),
  '8 entries': () => inCode('src/verifier.rs', /const MAX_AUTHORITIES: usize = (\d+);/g),
  '1000 tokens': () => declaredDefault('tokenCache'),
  '16384 bytes': () => inCode('src/policy/builder.rs', /const DEFAULT_MAX_TOKEN_LENGTH: usize = ([\d_]+);/g),
  '262144 bytes': () => inCode('src/keys/jwk_set.rs', /const MAX_BYTES: usize = ([\d_]+);/g),
  // Of Node.js.
  '16 kB': () => maxHeaderSize / 1024,
  // The comment of the limit says what it was measured by.
  '12 kB': () => inCode('src/policy/builder.rs', /tokens with 200 groups have about ([\d ]+);/g, 1000),
  '200 groups': () => inCode('src/policy/builder.rs', /tokens with (\d+) groups have about/g)
}

/** Limits that pages give without a unit. */
const LIMITS = {
  8: SOURCES['8 entries'],
  100: SOURCES['100 keys'],
  300: () => inCode('src/time.rs', /pub const MAX: Duration = Duration::from_secs\((\d+)\);/g)
}

const UNIT =
  /(?<![\w.#-])(\d[\d   ,.]*\d|\d)[   ]?(s|ms|µs|kB|MB|bytes|hours?|h|days?|minutes?|min|keys|%|×|entries|tokens|groups)(?![\w-])/g

/** The prose of a page without what a script wrote, line by line. */
function linesOf(page) {
  const written = /<!-- (?:Written|Compared) by [^>]*: begin -->[\s\S]*?: end -->/g
  return proseOf(page)
    .replace(written, (part) => part.replace(/[^\n]/g, ''))
    .split('\n')
    .map((line, index) => ({ line, page, where: `${page}:${index + 1}` }))
}

const lines = documents.flatMap(linesOf)

test('each number with a unit is one that the code has', (t) => {
  const used = new Set()
  for (const { line, page, where } of lines) {
    for (const [written, value, unit] of line.matchAll(UNIT)) {
      const amount = number(value.replaceAll(/[   ,]/g, ''))
      const quantity = `${amount} ${unit.replace(/^hours?$/, 'h').replace(/^minutes?$/, 'min')}`
      const name = `${page}: ${quantity}` in SOURCES ? `${page}: ${quantity}` : quantity
      used.add(name)
      t.truthy(SOURCES[name], `${where}: ${written}: say in SOURCES where it comes from, or let a script write it`)
      t.is(SOURCES[name]?.(), amount, `${where}: ${written}`)
    }
  }
  t.deepEqual(
    Object.keys(SOURCES).filter((name) => !used.has(name)),
    [],
    'no page has it any more'
  )
})

test('each limit is one that the code has', (t) => {
  const limits = lines.flatMap(({ line, where }) =>
    [...line.matchAll(/\b(?:at most|more than) (\d+)\b(?! kB| s )/g)].map(([, limit]) => ({
      where,
      limit: Number(limit)
    }))
  )
  t.true(limits.length > 4)
  for (const { where, limit } of limits) t.is(LIMITS[limit]?.(), limit, where)
})
