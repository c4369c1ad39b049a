// The commands of the documentation exist: those of this package with their flags, npm scripts, files that Node.js is given, and
// variables. Those that get a token and call the API are run.
import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import test from 'ava'
import { createCheckAuthToken } from 'entra-jwt-verify'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import { root } from '../../scripts/process.mjs'
import { frameworks, listen } from '../helpers/app.mjs'
import { all, text, texts } from '../helpers/facts.mjs'
import { blocksOf, pages } from '../helpers/markdown.mjs'

/** What a version of this package printed once. */
const documents = pages.filter((page) => page !== 'CHANGELOG.md')

const help = (...command) =>
  execFileSync(process.execPath, ['bin/entra-jwt-verify.js', ...command, '--help'], { cwd: root, encoding: 'utf8' })

const COMMANDS = all(help(), /^ {2}([a-z]+) /gm, 'commands')
const FLAGS = new Map(
  COMMANDS.map((name) => [name, [...help(name).matchAll(/(?<![\w-])(--?[a-z][\w-]*)/g)].map(([, flag]) => flag)])
)

/** Each call of this package's program, wherever a page has it: up to the end of the line, a pipe or a quote. */
function callsOf(page) {
  const joined = text(page)
    .replace(/\\\n\s*/g, ' ')
    .replace(/entra-jwt-verify\n *(?=[a-z])/g, 'entra-jwt-verify ')
  return [...joined.matchAll(/\bnpx\s+entra-jwt-verify((?:[ ]+[^\s`|()]+)+)/g)].map(([call, words]) => {
    const [command, ...rest] = words.trim().split(/ +/)
    return { where: `${page}: ${call}`, command, flags: rest.filter((word) => /^--?[a-z]/.test(word)) }
  })
}

test('commands of this package have these names and flags', (t) => {
  const calls = documents.flatMap(callsOf).filter(({ command }) => !/^[<-]/.test(command))
  t.true(calls.length > 20)
  const unknown = calls.filter(({ command }) => !COMMANDS.includes(command.replace(/[,.:;]$/, '')))
  t.deepEqual(unknown, [])
  const flags = calls.flatMap(({ where, command, flags: given }) =>
    given.filter((flag) => !FLAGS.get(command).includes(flag)).map((flag) => `${flag} in ${where}`)
  )
  t.deepEqual(flags, [])
})

test('every command is shown', (t) => {
  const shown = new Set(documents.flatMap(callsOf).map(({ command }) => command))
  t.deepEqual(
    COMMANDS.filter((command) => !shown.has(command)),
    []
  )
})

test('npm scripts, cargo targets and files that are run exist', (t) => {
  const { scripts } = JSON.parse(text('package.json'))
  const problems = documents.flatMap((page) => {
    const source = text(page)
    const npmScripts = [...source.matchAll(/\bnpm run ([\w:]+)/g)].filter(([, name]) => !(name in scripts))
    const files = [...source.matchAll(/\b(?:node|npx ava) ((?:scripts|examples|__test__|benchmark)\/[\w./-]+)/g)]
      .filter(([, file]) => !existsSync(join(root, file)))
      // In place of a name.
      .filter(([, file]) => !file.includes('/some.'))
    return [...npmScripts, ...files].map(([call]) => `${page}: ${call}`)
  })
  t.deepEqual(problems, [])
})

/** Variables of others, and of the examples. */
const OTHER_VARIABLES =
  /^(?:API_ID|AZURE_(?:CLIENT_(?:SECRET|CERTIFICATE_\w+|SEND_CERTIFICATE_CHAIN)|FEDERATED_TOKEN_FILE)|CONSUMER_(?:ID|SECRET)|CLIENT_(?:ID|SECRET)|ENTRA_(?:CLIENT_SECRET|JWT_SHARED|JWT_SOAK)|NODE_\w+|TENANT_ID|TOKEN)$/

test('variables that are set in a shell are read', (t) => {
  const source = texts('lib', '.js')
  const unread = documents
    .flatMap((page) => blocksOf(page).filter(({ language }) => language === 'sh'))
    .flatMap(({ file, line, code }) =>
      [...code.matchAll(/(?:^|export |\s)([A-Z][A-Z_]+)=/g)].map(([, name]) => ({ where: `${file}:${line}`, name }))
    )
    .filter(({ name }) => !source.includes(`'${name}'`) && !OTHER_VARIABLES.test(name))
  t.deepEqual(unread, [])
})

test('languages of code blocks are known', (t) => {
  const known = ['js', 'ts', 'sh', 'json', 'yaml', 'dockerfile', 'text', '']
  const blocks = documents.flatMap(blocksOf)
  t.deepEqual(
    blocks.filter(({ language }) => !known.includes(language)),
    []
  )
})

const hasShell = ['bash', 'curl', 'sed'].every((program) => spawnSync(program, ['--version']).status === 0)
const inShell = hasShell ? test : test.skip

/** Runs a block of a page with ids of a test authority, in front of an API on this machine. */
async function runInShell(t, page, marker) {
  const authority = await startTestAuthority({
    quiet: true,
    apps: [{ name: 'API' }, { name: 'consumer', clientSecret: 'secret', roles: ['Task.Read'] }]
  })
  t.teardown(() => authority.close())
  const api = await listen(frameworks['Express 5'](createCheckAuthToken({ ...authority.options, logger: false })))
  t.teardown(api.close)
  const { code } = blocksOf(page).find((block) => block.language === 'sh' && block.code.includes(marker))
  const script = code
    .replaceAll('https://login.microsoftonline.com', authority.url)
    .replaceAll('http://localhost:3000/tasks', `${api.url}/`)
    .replaceAll('<directory id>', authority.tenantId)
    .replaceAll('<client id of the API>', authority.api.clientId)
    .replaceAll('<client id of the consumer>', authority.client.clientId)
    .replaceAll('<its secret>', 'secret')
    .replaceAll('npx entra-jwt-verify', `'${process.execPath}' '${join(root, 'bin', 'entra-jwt-verify.js')}'`)
  t.notRegex(script, /<\w/)
  const { tenantId, client, url } = authority
  const env = {
    ...process.env,
    ...{ TENANT_ID: tenantId, API_ID: authority.api.clientId, CONSUMER_ID: client.clientId, CONSUMER_SECRET: 'secret' },
    AZURE_AUTHORITY_HOST: url
  }
  const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script], { env })
  return { stdout, client: client.clientId }
}

for (const [page, marker] of [
  ['README.md', 'curl -H'],
  ['docs/getting-started.md', 'grant_type=client_credentials']
]) {
  inShell(`${page}: a consumer gets a token and calls the API (needs bash, curl and sed)`, async (t) => {
    const { stdout, client } = await runInShell(t, page, marker)
    t.deepEqual(JSON.parse(stdout), { client })
  })
}
