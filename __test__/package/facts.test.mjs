// Facts that stand in several places say the same everywhere: in the Rust core, the JavaScript, the declarations, the help of
// the command line and the documentation.
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { root } from '../../scripts/process.mjs'
import {
  all,
  declaredOptions,
  interfaceBody,
  number,
  one,
  quoted,
  rows,
  rust,
  rustDefault,
  section,
  text,
  texts,
  union
} from '../helpers/facts.mjs'

const core = rust()
const declarations = text('index.d.ts')
const readme = text('README.md')
const optionsPage = text('docs/options.md')
const lib = texts('lib', '.js')

/** The first column of a table in a section, where it names something. */
const named = (file, heading) => rows(section(text(file), heading)).flatMap(([name]) => quoted(name))

const sorted = (list) => [...list].sort()

test('error codes', (t) => {
  const codes = all(core, /=> "(ERR_[A-Z_]+)"/g, 'error codes in src/')
  t.true(codes.length > 10)
  t.deepEqual(union(declarations, /^export type AuthErrorCode =([^\n]*(?:\n {2}.*)*)/gm, 'AuthErrorCode'), codes)
  t.deepEqual(all(declarations, /^ \* \| `(ERR_[A-Z_]+)` \|/gm, 'error codes in the table of index.d.ts'), codes)
  t.deepEqual(sorted(named('docs/responses-and-errors.md', 'Error codes')), codes)
  t.deepEqual(all(text('lib/core/errors.js'), /^ {2}(ERR_[A-Z_]+):/gm, 'error codes in lib/core/errors.js'), codes)
  // Whatever names a code anywhere names one that exists.
  for (const source of [lib, declarations, readme, texts('docs', '.md'), text('SECURITY.md')]) {
    const unknown = [...source.matchAll(/\bERR_(?:TOKEN|KEYS)_[A-Z_]+\b/g)].filter(([code]) => !codes.includes(code))
    t.deepEqual(unknown.map(String), [])
  }
})

test('option names', (t) => {
  const declared = sorted(declaredOptions(declarations).keys())
  const topLevel = declared.filter((name) => !name.includes('.'))
  // The core's list may name options that JavaScript reads, so that its messages list them.
  const listWith = (name) => new RegExp(String.raw`\[((?:\s*"\w+",?)*\s*"${name}"(?:,\s*"\w+")*,?\s*)\]`, 'g')
  const namesIn = (list) => all(list, /"(\w+)"/g, 'names of options')
  const inCore = namesIn(one(core, listWith('authorities'), 'list of option names in src/'))
  const inJavaScript = all(
    one(text('lib/core/options.js'), /OWN_OPTIONS = [^[]*\[([^\]]*)\]/g, 'options that JavaScript reads'),
    /'(\w+)'/g,
    'names of options'
  )
  t.deepEqual(sorted(new Set([...inCore, ...inJavaScript])), topLevel)
  const ofKeys = namesIn(one(core, listWith('refreshInterval'), 'list of names in the option keys in src/'))
  const declaredOfKeys = declared.filter((name) => name.startsWith('keys.')).map((name) => name.slice('keys.'.length))
  t.deepEqual(ofKeys, declaredOfKeys)
  const ofAuthority = namesIn(one(core, /OF_AUTHORITY: [^=]*= \[([^\]]*)\]/g, 'options of an authority in src/'))
  const declaredOfAuthority = declaredOptions(declarations, ['AuthorityOptions']).keys()
  t.deepEqual(ofAuthority, sorted([...declaredOfAuthority].filter((name) => !name.includes('.'))))
  const documented = named('docs/options.md', 'All options')
  t.deepEqual(sorted([...documented, 'keys']), declared)
})

test('environment variables', (t) => {
  const isOurs = (name) => /^(?:ENTRA|AZURE)_/.test(name)
  const options = rows(section(optionsPage, 'All options')).map(([name, , variables]) => [
    quoted(name)[0],
    quoted(variables)
  ])
  const documented = options.flatMap(([, variables]) => variables).filter(isOurs)
  const table = one(text('lib/core/environment.js'), /^const VARIABLES = \{([^}]*)\}/gm, 'environment variables')
  const read = all(table, /'([A-Z_]+)'/g, 'environment variables')
  t.deepEqual(sorted(documented), read.filter(isOurs))
  for (const [option, variables] of options) {
    const declared = declaredOptions(declarations).get(option)
    for (const variable of variables.filter(isOurs)) {
      t.true(declared.includes(`\`${variable}\``), `${option} in index.d.ts does not name ${variable}`)
    }
  }
  const without = one(
    text('lib/core/unread-variables.js'),
    /^const WITHOUT_VARIABLE = Object.entries\(\{([^}]*(?: \}[^}]*)*)\n\}\)/gm,
    'options'
  )
  t.deepEqual(
    all(without, /^ {2}(\w+):/gm, 'options without a variable'),
    sorted(options.flatMap(([name, variables]) => (variables.length || name.includes('.') ? [] : [name])))
  )
  const help = [[], ['explain'], ['doctor']].map((command) => helpOf(...command))
  for (const source of [...help, text('docs/explain.md')]) {
    for (const variable of documented)
      t.true(source.includes(variable), `${variable} is not in: ${source.slice(0, 80)}`)
  }
})

test('defaults', (t) => {
  const documented = new Map(
    rows(section(optionsPage, 'All options')).flatMap(([names, value]) => quoted(names).map((name) => [name, value]))
  )
  const numbers = [...declaredOptions(declarations)]
    .map(([name, comment]) => [name, /\bDefault:\s*(?:\*\s*)?(\d[\d ]*)\./.exec(comment)?.[1]])
    .filter(([, value]) => value !== undefined)
  t.deepEqual(numbers.map(([name]) => name).sort(), [
    'clockTolerance',
    'keys.cooldown',
    'keys.refreshInterval',
    'keys.retention',
    'keys.timeout',
    'maxTokenLength',
    'tokenCache'
  ])
  for (const [name, value] of numbers) {
    t.is(number(documented.get(name)), number(value), `${name} in docs/options.md`)
    t.is(rustDefault(core, name), number(value), `${name} in src/`)
  }
  const timeout = numbers.find(([name]) => name === 'keys.timeout')[1]
  t.is(one(text('lib/doctor/index.js'), /^const TIMEOUT = (\d+)$/gm, "doctor's timeout"), timeout)
})

test('a default of the Rust core is found however it is written', (t) => {
  for (const source of [
    'const DEFAULT_MAX_AGE: usize = 3_600;',
    'impl Default for Settings {\n fn default() -> Self {\n Self { most: 1, max_age: Duration::from_secs(3600) } } }',
    'let max_age = seconds("maxAge", 1.0, 30.0 * DAY, 3600.0)?;',
    'let max_age = seconds("maxAge", 1.0, 30.0 * DAY, HOUR)?;\nconst HOUR: f64 = 3_600.0;',
    'options\n .number("maxAge", 0.0, MAX, "seconds")?\n .unwrap_or(3600.0),',
    'Builder {\n max_age: Duration::from_secs(3_600),\n }'
  ]) {
    t.is(rustDefault(source, 'keys.maxAge'), 3600, source)
  }
  t.throws(() => rustDefault('const MAX_AGE: usize = 1;', 'maxAge'), { message: /found no default of maxAge in src/ })
})

test('the public cloud', (t) => {
  const host = 'https://login.microsoftonline.com'
  t.is(
    `https://${one(core, /static CLOUDS[^=]*= \[[^"]*name: "public",\s*hosts: &\[\s*"([^"]+)"/g, 'public cloud in src/')}`,
    host
  )
  t.is(one(lib, /\bPUBLIC_CLOUD = '([^']+)'/g, 'public cloud in lib/'), host)
  t.true(declaredOptions(declarations).get('authorityHost').includes(`Default: \`${host}\``))
  t.deepEqual(rows(section(optionsPage, 'All options')).find(([name]) => name === '`authorityHost`')[1], `\`${host}\``)
})

test('algorithms', (t) => {
  const declared = union(declarations, /^export type Algorithm =([^\n]*(?:\n {2}.*)*)/gm, 'Algorithm')
  t.deepEqual(all(core, /"((?:RS|PS|ES)\d{3})"/g, 'algorithms in src/'), declared)
})

test('names of checks', (t) => {
  const names = all(
    one(core, /impl CheckName \{([\s\S]*?)\n\}/g, 'impl CheckName in src/'),
    /=> "([a-z-]+)"/g,
    'names of checks in src/'
  )
  const declared = union(interfaceBody(declarations, 'Check'), /readonly name:([^;]*?)\n {2}readonly/g, 'Check.name')
  t.deepEqual(declared, names)
  t.deepEqual(sorted(named('docs/explain.md', 'Checks')), names)
})

test('names of findings', (t) => {
  const NAME = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/
  const inCore = all(
    one(core, /\nnames! \{([\s\S]*?)\n\}/g, 'names of findings in src/'),
    /^ +\w+ = "([^"]+)",$/gm,
    'names of findings in src/'
  )
  // Of texts that are no JWT JavaScript says what they are.
  const inJavaScript = ['lib/core/text', 'lib/cli/text'].flatMap((folder) =>
    all(texts(folder, '.js'), /(?:\bfinding\(\s*|\bname: )'([a-z-]+)'/g, `names of findings in ${folder}`)
  )
  const names = [...new Set([...inCore, ...inJavaScript])].sort()
  t.true(names.length > 60 && names.every((name) => NAME.test(name)))
  t.deepEqual(sorted(named('docs/explain.md', 'What it recognises')), names)
})

test('reasons why keys are unavailable', (t) => {
  const reasonOf = (type) =>
    new RegExp(String.raw`impl ${type} \{\s*#\[must_use\]\s*pub const fn reason\(([\s\S]*?)\n {4}\}\n`, 'g')
  const causes = ['FetchCause', 'ProxyProblem', 'TlsProblem']
    .map((type) => one(core, reasonOf(type), `${type}::reason in src/`))
    .join('\n')
  const inJavaScript = all(text('lib/core/verifier.js'), /reason: '([a-z-]+)'/g, 'reasons in lib/core/verifier.js')
  const reasons = sorted([...all(causes, /=> "([a-z0-9-]+)"/g, 'reasons in src/'), ...inJavaScript])
  t.deepEqual(
    union(declarations, /^export type KeysUnavailableReason =([^\n]*(?:\n {2}.*)*)/gm, 'KeysUnavailableReason'),
    reasons
  )
  t.deepEqual(sorted(named('docs/signing-keys.md', 'Why keys are unavailable')), reasons)
})

test('commands', (t) => {
  const table = one(text('lib/cli/main.js'), /^const COMMANDS = \{([^}]*)\}/gm, 'commands')
  const commands = all(table, /^ {2}(\w+):/gm, 'commands')
  t.deepEqual(all(helpOf(), /^ {2}([a-z]+) /gm, 'commands in --help'), commands)
  for (const command of commands) {
    const hasPage = existsSync(join(root, 'docs', `${command}.md`))
    t.true(hasPage || text('docs/command-line.md').includes(`\n## \`entra-jwt-verify ${command}\`\n`), command)
    t.true(helpOf(command).startsWith(`Usage: entra-jwt-verify ${command} `), command)
    t.true(readme.includes(`npx entra-jwt-verify ${command}`), `README.md does not show ${command}`)
  }
})

test('entries for frameworks', (t) => {
  const { exports, files, peerDependencies, peerDependenciesMeta } = JSON.parse(text('package.json'))
  const adapters = readdirSync(join(root, 'lib', 'adapters')).filter((file) => file.endsWith('.js'))
  t.true(adapters.length > 4)
  for (const name of adapters.map((file) => file.slice(0, -'.js'.length))) {
    const targets = [...JSON.stringify(exports[`./${name}`] ?? {}).matchAll(/"\.\/([^"]+)"/g)].map(
      ([, target]) => target
    )
    t.true(targets.includes(`${name}.js`) && targets.includes(`${name}.d.ts`), `package.json does not export ${name}`)
    for (const target of targets) t.true(files.includes(target) && existsSync(join(root, target)), target)
  }
  // No framework is installed with this package.
  t.deepEqual(Object.keys(peerDependenciesMeta).sort(), Object.keys(peerDependencies).sort())
  for (const { optional } of Object.values(peerDependenciesMeta)) t.true(optional)
  // A page of the documentation shows an entry that exists, and README leads to it. others.md: those without one.
  for (const page of readdirSync(join(root, 'docs', 'frameworks'))) {
    if (page === 'others.md') continue
    const entry = `entra-jwt-verify/${page.slice(0, -'.md'.length)}`
    t.true(exports[entry.replace('entra-jwt-verify', '.')] !== undefined, entry)
    t.true(text(`docs/frameworks/${page}`).includes(`'${entry}'`), page)
    t.true(readme.includes(`](docs/frameworks/${page})`) && readme.includes(`\`${entry}\``), `README.md: ${entry}`)
  }
})

test('flags', (t) => {
  const flagsOf = (command) => all(helpOf(command), /^ {2}(--[a-z-]+)/gm, `flags of ${command}`)
  const documented = all(section(text('docs/explain.md'), 'Options'), /`(--[a-z-]+)[^`]*`/g, 'flags in docs/explain.md')
  t.deepEqual(documented, flagsOf('explain'))
  // docs/doctor.md: the same flags without --at, --all and --web.
  t.deepEqual(
    flagsOf('doctor'),
    documented.filter((flag) => !['--at', '--all', '--web'].includes(flag))
  )
  // Of commands without a page of their own; what each command has stands once.
  const common = ['--env-file', '--help']
  for (const command of ['authority', 'token']) {
    const described = section(text('docs/command-line.md'), `\`entra-jwt-verify ${command}\``)
    const shown = rows(described.slice(described.indexOf('| option |'))).flatMap(([names]) => [
      ...names.matchAll(/`(--[a-z-]+)/g)
    ])
    t.deepEqual(sorted([...shown.map(([, flag]) => flag), ...common]), sorted(flagsOf(command)), command)
  }
  t.deepEqual(flagsOf('demo'), common)
  const configuration = one(text('lib/cli/options.js'), /^const CONFIGURATION = \{([\s\S]*?)^\}/gm, 'CONFIGURATION')
  const options = all(configuration, /\boption: '(\w+)'/g, 'options of flags')
  const declared = declaredOptions(declarations)
  t.deepEqual(
    options.filter((option) => !declared.has(option)),
    []
  )
})

/** What `--help` of a command prints. */
function helpOf(...command) {
  return execFileSync(process.execPath, ['bin/entra-jwt-verify.js', ...command, '--help'], {
    cwd: root,
    encoding: 'utf8'
  })
}
