// What every command has: files with variables, suggestions for what was misspelt, exit codes.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import envFiles from '../../lib/cli/env-file.js'
import { root } from '../../scripts/process.mjs'
import { cli, inherited, temporaryFile } from '../helpers/cli.mjs'

const { loadEnvFiles } = envFiles

let authority
test.before(async () => {
  authority = await startTestAuthority({ quiet: true })
})
test.after.always(() => authority?.close())

/** A file with these variables. */
const envFile = (variables) =>
  temporaryFile(
    '.env',
    Object.entries(variables)
      .map(([name, value]) => `${name}="${value}"\n`)
      .join('# a comment\n')
  )

test.serial('--env-file reads variables, for each command', async (t) => {
  const file = envFile(authority.env())
  const { status, stdout } = await cli(['explain', '--env-file', file, '-'], { input: authority.issueToken() })
  t.is(status, 0, stdout)
  t.is((await cli(['doctor', `--env-file=${file}`])).status, 0)
  const { client, tenantId, url, api } = authority
  const ofClient = envFile({
    AZURE_TENANT_ID: tenantId,
    AZURE_CLIENT_ID: client.clientId,
    AZURE_CLIENT_SECRET: client.clientSecret,
    AZURE_AUTHORITY_HOST: url,
    ENTRA_AUDIENCE: api.appIdUri
  })
  const { stdout: token, status: got, stderr } = await cli(['token', '--env-file', ofClient])
  t.is(got, 0, stderr)
  t.is((await cli(['explain', '--env-file', file], { input: token })).status, 0)
})

test.serial('the environment wins over files, and of two files the later', async (t) => {
  const input = authority.issueToken()
  const file = envFile(authority.env())
  const elsewhere = { ENTRA_AUDIENCE: 'api://elsewhere' }
  t.is((await cli(['explain', '--env-file', file], { input, env: elsewhere })).status, 1)
  t.is((await cli(['explain', '--env-file', envFile(elsewhere), '--env-file', file], { input })).status, 0)
  t.is((await cli(['explain', '--env-file', file, '--env-file', envFile(elsewhere)], { input })).status, 1)
  // Empty is set, as for Node.js; the package takes it for not set.
  t.is((await cli(['explain', '--env-file', file], { input, env: { ENTRA_TENANT_ID: '' } })).status, 2)
})

test.serial('a file that cannot be read is an error', async (t) => {
  // Node.js itself looks for the files of this option among all arguments, and ends with 9 where there is none.
  const { status, stdout, stderr } = await cli(['doctor', '--env-file', '/nowhere/.env'])
  t.true([2, 9].includes(status))
  t.deepEqual([stdout, stderr.includes('/nowhere/.env')], ['', true])
  t.throws(() => loadEnvFiles(['/nowhere/.env'], {}), { message: '--env-file /nowhere/.env cannot be read: ENOENT' })
})

test.serial('a command or an option that was misspelt gets a suggestion', async (t) => {
  for (const [args, expected] of [
    [['explian'], "unknown command 'explian': did you mean explain?"],
    [['Doctor'], "unknown command 'Doctor': did you mean doctor?"],
    [['auth'], "unknown command 'auth': did you mean authority?"],
    [['verify'], "unknown command 'verify'\n"],
    [['x'], "unknown command 'x'\n"],
    [[], 'a command is missing'],
    [['--env-file', temporaryFile('.env', ''), 'doctor'], 'a command is missing: options come after it'],
    [['doctor', '--tenantId', 'x'], "'--tenantId': did you mean --tenant-id?"],
    [['doctor', '--autority=x'], "'--autority': did you mean --authority?"],
    [['explain', '--required_role', 'x'], "'--required_role': did you mean --required-role?"],
    [['explain', '--role', 'x'], "'--role': did you mean --required-role?"],
    [['token', '--scpoe', 'x'], "'--scpoe': did you mean --scope?"],
    [['doctor', '--nothing-like-it'], "Unknown option '--nothing-like-it'\n"],
    [['doctor', '-x'], "Unknown option '-x'\n"]
  ]) {
    const { status, stdout, stderr } = await cli(args)
    t.deepEqual([status, stdout], [2, ''], args.join(' '))
    t.true(stderr.includes(expected), stderr)
  }
})

test.serial('a token in place of a command is not repeated', async (t) => {
  const token = authority.issueToken()
  for (const name of [token, `Bearer ${token}`, 'a secret with spaces', 'x'.repeat(40)]) {
    const { status, stdout, stderr } = await cli([name])
    t.deepEqual([status, stdout], [2, ''])
    t.false(stderr.includes(name.slice(0, 30)))
  }
  t.regex((await cli([token])).stderr, /did you mean explain -/)
})

test.serial('each command has help', async (t) => {
  for (const args of [
    ['--help'],
    ['help'],
    ['-h'],
    ...['explain', 'doctor', 'token', 'authority', 'demo'].map((name) => [name, '-h'])
  ]) {
    const { status, stdout, stderr } = await cli(args)
    t.deepEqual([status, stderr], [0, ''], args.join(' '))
    t.regex(stdout, /^Usage: entra-jwt-verify /)
  }
})

test('each flag of --help is apart from its description', async (t) => {
  for (const command of ['demo', 'authority', 'token', 'explain', 'doctor']) {
    const { stdout } = await cli([command, '--help'])
    const flags = stdout.split('\n').filter((line) => line.startsWith('  --'))
    t.true(flags.length > 1, command)
    for (const line of flags) t.regex(line, /^ {2}--[a-z-]+(?: <[^>]+>)?(?: +[^\s<].*)?$/, command)
  }
})

test('without the addon a command says how to install it, and does not call that a defect', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'no-addon-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  for (const name of ['bin', 'lib', 'testing', 'index.js', 'package.json']) {
    cpSync(join(root, name), join(folder, name), { recursive: true })
  }
  const command = [join(folder, 'bin', 'entra-jwt-verify.js'), 'explain', '-']
  const { status, stderr } = spawnSync(process.execPath, command, { env: inherited(), encoding: 'utf8' })
  t.is(status, 2)
  t.regex(stderr, /^entra-jwt-verify explain: .* is not installed\.\n- Install /)
  t.notRegex(stderr, /defect/)
})
