// The packages as a user gets them: packed, installed in a folder of their own, used from CommonJS, ESM and TypeScript.
// Run with node:test by `npm run test:package`; it needs the release addon and no network.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { execute, packRelease } from '../../scripts/pack.mjs'
import { addonFile, platform } from '../../scripts/platform.mjs'
import { npm, root, tool } from '../../scripts/process.mjs'
import { THIRD_PARTY } from '../../scripts/third-party.mjs'

// What the applications need beside the package; all of it is installed in the checkout.
const BESIDE = ['express', 'express4', '@types/express', '@types/node']

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'entra-jwt-verify-')))
const app = join(folder, 'app')
let packed

before(async () => {
  packed = await packRelease(folder)
  cpSync(join(root, '__test__', 'package', 'app'), app, { recursive: true })
  writeFileSync(join(app, 'package.json'), '{ "private": true }\n')
  await execute(
    npm(
      'install',
      '--offline',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      packed.main.tarball,
      packed.addon.tarball
    ),
    app
  )
  for (const name of BESIDE) {
    const link = join(app, 'node_modules', name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(join(root, 'node_modules', name), link, 'junction')
  }
})

after(() => rmSync(folder, { recursive: true, force: true }))

test('the package holds what a user needs and nothing else', () => {
  const { files } = packed.main
  const listed = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).files.filter(
    (file) => !file.includes('/') && !file.startsWith('!')
  )
  const needed = ['LICENSE', 'README.md', ...listed]
  for (const file of [...needed, 'lib/native.js', 'package.json', 'testing/index.d.ts', 'testing/index.js']) {
    assert.ok(files.includes(file), `${file} is missing`)
  }
  const allowed = [
    /^(?:bin|lib|testing)\/[\w/-]+\.(?:js|d\.ts)$/,
    /^lib\/cli\/web\/page\/\w+\.(?:mjs|html|css)$/,
    /^docs\/(?!contributing\/)[\w/-]+\.(?:md|svg)$/,
    /^examples\/[\w/.-]+\.(?:mjs|ts|json|conf|cfg)$/,
    /^[\w-]+\.(?:js|mjs|d\.ts|d\.mts|md|json)$|^LICENSE$/
  ]
  const unexpected = files.filter(
    (file) => !allowed.some((pattern) => pattern.test(file)) || /\.(?:node|rs|toml|tgz|test\.\w+)$/.test(file)
  )
  assert.deepEqual(unexpected, [])
  const atTop = files.filter((file) => !file.includes('/'))
  assert.deepEqual(atTop, [...needed, 'package.json'].sort())
})

test('the platform package holds the addon, the licenses of what it is made of, and nothing else', () => {
  assert.deepEqual(packed.addon.files, ['LICENSE', 'README.md', THIRD_PARTY, addonFile, 'package.json'].sort())
  const licenses = readFileSync(join(app, 'node_modules', `entra-jwt-verify-${platform}`, THIRD_PARTY), 'utf8')
  // The crypto library, a crate, a license; and nothing that only tests or macros need.
  for (const contained of [/^aws-lc-sys \d/m, /^quick_cache \d.*MIT/m, /Permission is hereby granted, free of charge/])
    assert.match(licenses, contained)
  assert.doesNotMatch(licenses, /^(?:proptest|divan|serde_derive|napi-derive) \d/m)
})

test('there is a platform package of the same version for every target', () => {
  const published = JSON.parse(readFileSync(join(app, 'node_modules', 'entra-jwt-verify', 'package.json'), 'utf8'))
  const platforms = readdirSync(join(root, 'npm'))
  assert.equal(platforms.length, published.napi.targets.length)
  assert.deepEqual(
    published.optionalDependencies,
    Object.fromEntries(platforms.map((name) => [`entra-jwt-verify-${name}`, published.version]))
  )
  for (const name of platforms) {
    const manifest = JSON.parse(readFileSync(join(root, 'npm', name, 'package.json'), 'utf8'))
    assert.equal(manifest.version, published.version, `npm/${name}`)
    assert.equal(manifest.license, published.license, `npm/${name}`)
    assert.deepEqual(manifest.engines, published.engines, `npm/${name}`)
    assert.deepEqual(
      readFileSync(join(root, 'npm', name, 'LICENSE')),
      readFileSync(join(root, 'LICENSE')),
      `npm/${name}`
    )
  }
  assert.match(readFileSync(join(root, 'Cargo.toml'), 'utf8'), new RegExp(`^version = "${published.version}"$`, 'm'))
})

test('it installs no package but the platform package', () => {
  const installed = JSON.parse(readFileSync(join(app, 'node_modules', '.package-lock.json'), 'utf8')).packages
  assert.deepEqual(Object.keys(installed).sort(), [
    'node_modules/entra-jwt-verify',
    `node_modules/entra-jwt-verify-${platform}`
  ])
  for (const { hasInstallScript } of Object.values(installed)) assert.equal(hasInstallScript, undefined)
})

test('require and import give the same functions', async () => {
  const script = `
    import { createRequire } from 'node:module'
    import * as imported from 'entra-jwt-verify'
    import { AuthError, checkAuthToken, createCheckAuthToken, createVerifier } from 'entra-jwt-verify'
    const required = createRequire(import.meta.url)('entra-jwt-verify')
    const named = { AuthError, checkAuthToken, createCheckAuthToken, createVerifier }
    for (const [name, value] of Object.entries(named)) if (required[name] !== value) throw new Error(name)
    console.log(Object.keys(required).filter((name) => !(name in imported)).join())`
  assert.equal(await runNode('--input-type=module', '--eval', script), '')
})

test('entries load where their frameworks are not installed', async () => {
  const entries = ['express', 'fastify', 'fetch', 'hono', 'koa', 'testing'].map((name) => `entra-jwt-verify/${name}`)
  await runNode('--eval', `for (const entry of ${JSON.stringify(entries)}) require(entry)`)
})

test('the MCP entry loads in both ways without the SDK, and rejects tokens by errors of its own', async () => {
  const script = `
    import { createRequire } from 'node:module'
    import { protectMcp } from 'entra-jwt-verify/mcp'
    const required = createRequire(import.meta.url)('entra-jwt-verify/mcp')
    const tenantId = '7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a11'
    const resource = 'https://api.example/mcp'
    for (const protect of [protectMcp, required.protectMcp]) {
      const auth = protect({ tenantId, audience: [tenantId, resource], resource, logger: false })
      console.log(await auth.verifyAccessToken('token').catch(({ code }) => code))
    }`
  const malformed = 'ERR_TOKEN_MALFORMED'
  assert.equal(await runNode('--input-type=module', '--eval', script), `${malformed}\n${malformed}`)
})

for (const [file, what] of [
  ['express4.cjs', 'a CommonJS application on Express 4'],
  ['express5.mjs', 'an ESM application on Express 5, configured from the environment']
]) {
  test(`${what} verifies a token`, async () => {
    const { accepted, refused, addon } = JSON.parse((await runNode(file)).split('\n').at(-1))
    assert.deepEqual(accepted, { status: 200, body: { sameTenant: true } })
    assert.deepEqual(refused, { status: 401, body: 'Unauthorized' })
    assert.equal(addon, join(app, 'node_modules', `entra-jwt-verify-${platform}`, addonFile))
  })
}

test('npx entra-jwt-verify demo runs from the installed package', async () => {
  const { stdout } = await execute(npx('demo'), app, applicationEnvironment())
  assert.match(stdout, /\n\d+ answers, all as expected\n/)
})

test('npx entra-jwt-verify authority runs until it is told to end', async () => {
  const [command, ...args] = npx('authority', '--json', '--tls')
  const child = spawn(command, args, {
    cwd: app,
    env: applicationEnvironment(),
    detached: process.platform !== 'win32'
  })
  let stdout = ''
  for await (const chunk of child.stdout.setEncoding('utf8')) {
    stdout += chunk
    if (stdout.endsWith('\n}\n')) break
  }
  const { token, environment } = JSON.parse(stdout)
  const script = `
    require('entra-jwt-verify').checkAuthToken.verifier.verify(${JSON.stringify(token)}).then(({ tenantId }) => console.log(tenantId))`
  const { stdout: tenantId } = await execute([process.execPath, '--eval', script], app, {
    ...applicationEnvironment(),
    ...environment
  })
  assert.equal(tenantId.trim(), environment.ENTRA_TENANT_ID)
  const closed = once(child, 'close')
  // npm passes the signal on, as a terminal does to all.
  if (process.platform === 'win32') child.kill()
  else process.kill(-child.pid, 'SIGINT')
  await closed
  const { port } = new URL(environment.ENTRA_AUTHORITY_HOST)
  await assert.rejects(once(connect(Number(port), '127.0.0.1'), 'connect'), { code: 'ECONNREFUSED' })
})

test('a strict TypeScript application compiles', async () => {
  await execute(tool('tsc', '-p', 'tsconfig.json'), app)
})

test('a misused interface does not compile, line by line', async () => {
  const file = 'refused.ts'
  const wanted = linesWith(readFileSync(join(app, file), 'utf8'), '// refused')
  assert.ok(wanted.length > 0)
  const error = await execute(tool('tsc', '-p', 'tsconfig.refused.json'), app).catch((reason) => reason)
  assert.deepEqual(linesWithErrors(error.stdout, file), wanted)
})

/** The command line that runs a command of the installed package, without the network. */
function npx(...args) {
  return npm('exec', '--offline', '--', 'entra-jwt-verify', ...args)
}

async function runNode(...args) {
  const { stdout } = await execute([process.execPath, ...args], app, applicationEnvironment())
  return stdout.trim()
}

// Variables that would lead an application elsewhere than to what is installed here, or configure the package.
function applicationEnvironment() {
  const foreign = /^(?:AZURE_.*|NODE_(?:PATH|OPTIONS|TEST_CONTEXT)|NAPI_RS_.*|https?_proxy)$/i
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)))
}

function linesWith(text, mark) {
  return text.split('\n').flatMap((line, index) => (line.endsWith(mark) ? [index + 1] : []))
}

function linesWithErrors(output, file) {
  const lines = [...output.matchAll(/^(\S+)\((\d+),\d+\): error TS/gm)].map(([, name, line]) =>
    name === file ? Number(line) : name
  )
  return [...new Set(lines)]
}
