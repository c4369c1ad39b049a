// Tables of the documentation that repeat what the code has. Those of options and environment variables are compared in
// __test__/package/facts.test.mjs.
import { createRequire } from 'node:module'
import test from 'ava'
import { all, interfaceBody, quoted, rows, section, text, union } from '../helpers/facts.mjs'

const require = createRequire(import.meta.url)
const declarations = text('index.d.ts')
const sorted = (list) => [...list].sort()

test('error codes: statuses and reasons', (t) => {
  const { CODES } = require('../../lib/core/errors.js')
  // The table in the documentation of the enum, which a Rust test compares with the enum.
  const inCore = new Map()
  for (const [, code, reasons] of text('src/error.rs').matchAll(
    /^\/\/\/ \| \[`\w+`\]\(\S+\) \| `(\w+)` \| (.*) \|$/gm
  )) {
    inCore.set(code, [...(inCore.get(code) ?? []), ...quoted(reasons)])
  }
  const requirements = text('lib/http/requirements.js')
  const guards = [
    ...all(requirements, /policyError\(\s*'[^']+',\s*'([a-z-]+)'/g, 'reasons of guards'),
    ...all(requirements, /lacking\('([a-z ]+)'/g, 'reasons of guards').map((what) => what.replaceAll(' ', '-')),
    ...all(requirements, /reason: '([a-z-]+)'/g, 'reasons of guards')
  ]
  const documented = rows(section(text('docs/responses-and-errors.md'), 'Error codes'))
  t.is(documented.length, inCore.size)
  for (const [code, status, , reasons] of documented) {
    const name = quoted(code)[0]
    t.is(status.split(',')[0], String(CODES[name].status), name)
    const expected = new Set(inCore.get(name))
    if (name === 'ERR_TOKEN_POLICY') for (const reason of guards) expected.add(reason)
    if (name === 'ERR_KEYS_UNAVAILABLE') t.regex(reasons, /signing-keys\.md#why-keys-are-unavailable/)
    else t.deepEqual(sorted(quoted(reasons)), sorted(expected), name)
  }
})

test('what the classic contract answers', (t) => {
  const bodies = all(text('lib/http/answers.js'), /body: '([^']+)'/g, 'bodies of answers')
  const documented = rows(section(text('docs/responses-and-errors.md'), "`'classic'`")).flatMap(([, answer]) =>
    quoted(answer)
  )
  for (const body of bodies)
    t.true(
      documented.some((shown) => shown.startsWith(body.trim())),
      body
    )
  for (const shown of documented)
    t.true(
      bodies.some((body) => shown.startsWith(body.trim())),
      shown
    )
})

test('guards', (t) => {
  const declared = all(interfaceBody(declarations, 'Guards<Guard>'), /^ {2}(\w+)[<(]/gm, 'guards')
  const documented = rows(section(text('docs/authorization.md'), 'Guards')).map(([guard]) => /`(\w+)\(/.exec(guard)[1])
  t.deepEqual(sorted(documented), declared)
})

test('members of a verified token, of an error, of a verifier and of statistics', (t) => {
  const membersOf = (kind, name) =>
    all(
      new RegExp(String.raw`^export ${kind} ${name} (?:extends \w+ )?\{\n([\s\S]*?)^\}`, 'm').exec(declarations)[1],
      /^ {2}(?:readonly )?(\w+)[?(:]/gm,
      `members of ${name}`
    )
  const documentedIn = (page, heading) => rows(section(text(page), heading)).flatMap(([name]) => quoted(name))
  const named = (names) => sorted(new Set(names.map((name) => name.replace(/\(.*/, ''))))
  const without = (names, ...others) => names.filter((name) => !others.includes(name))

  t.deepEqual(
    named(documentedIn('docs/authorization.md', 'In a handler')),
    without(membersOf('class', 'VerifiedToken'), 'hasRole', 'hasScope', 'toJSON')
  )
  t.deepEqual(named(documentedIn('docs/api.md', '`Verifier`')), membersOf('class', 'Verifier'))
  t.deepEqual(
    named(documentedIn('docs/responses-and-errors.md', '`AuthError`')),
    sorted([...without(membersOf('class', 'AuthError'), 'name', 'toJSON'), 'message'])
  )
  const stats = [...membersOf('interface', 'Stats'), ...membersOf('interface', 'KeyStats')]
  t.deepEqual(
    named(documentedIn('docs/operating.md', '`stats\\(\\)`')).filter(
      (name) => !/^(?:entries|hits|misses|kid)$/.test(name)
    ),
    sorted(stats)
  )
})

test('frameworks in README: each row uses names of its entry', (t) => {
  const table = rows(section(text('README.md'), 'Frameworks')).map(([, entry, code]) => [quoted(entry)[0], code])
  t.true(table.length > 5)
  const namesOf = (entry) => Object.keys(require(entry))
  const everyName = new Set(table.flatMap(([entry]) => namesOf(entry)))
  for (const [entry, code] of table) {
    const used = [...code.matchAll(/\b[A-Za-z]\w+/g)].map(([word]) => word).filter((word) => everyName.has(word))
    t.true(used.length > 1, entry)
    t.deepEqual(
      used.filter((name) => !namesOf(entry).includes(name)),
      [],
      entry
    )
  }
})

test('clouds', (t) => {
  const clouds = [...text('src/policy/clouds.rs').matchAll(/name: "([^"]+)",\s*hosts: &\[([^\]]+)\]/g)].map(
    ([, name, hosts]) => [name, [...hosts.matchAll(/"([^"]+)"/g)].map(([, host]) => host)]
  )
  t.true(clouds.length > 5)
  const documented = rows(section(text('docs/sovereign-clouds.md'), 'Sovereign clouds')).map(([name, host, others]) => [
    name.replace(' (default)', ''),
    [...quoted(host).map((url) => url.replace('https://', '')), ...quoted(others)]
  ])
  t.deepEqual(documented, clouds)
})

test('metrics', (t) => {
  const { COUNTERS, GAUGES } = Object.fromEntries(
    [...text('examples/metrics.mjs').matchAll(/^const (COUNTERS|GAUGES) = \{([\s\S]*?)^\}/gm)].map(([, name, body]) => [
      name,
      all(body, /^ {2}(\w+):/gm, name)
    ])
  )
  const known = [...GAUGES, ...COUNTERS.map((name) => `${name}_total`), 'entra_verdicts_total']
  const documented = [...text('docs/operating.md').matchAll(/\bentra_\w+/g)].map(([name]) => name)
  t.true(documented.length > 4)
  for (const name of documented) t.true(known.includes(name), name)
  const codes = union(declarations, /^export type AuthErrorCode =([^\n]*(?:\n {2}.*)*)/gm, 'AuthErrorCode')
  for (const [, code] of text('docs/operating.md').matchAll(/code="(\w+)"/g)) t.true(codes.includes(code), code)
})
