// Bundles a service that has the packed package installed, and runs the bundle.
//   node --test-reporter=spec __test__/package/bundlers/bundlers.mjs            esbuild, webpack, rollup, bun, ncc; Deno's permissions
//   node --test-reporter=spec __test__/package/bundlers/bundlers.mjs --next     Next.js too, which takes a minute and 500 MB
// It needs the release addon, and installs the bundlers where they are missing.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync
} from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { isInstalled } from '../../../scripts/ensure.mjs'
import { execute, packRelease } from '../../../scripts/pack.mjs'
import { platform } from '../../../scripts/platform.mjs'
import { npm, run } from '../../../scripts/process.mjs'
import { environment, expected } from './tokens.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))
const platformPackage = `entra-jwt-verify-${platform}`
const folder = realpathSync(mkdtempSync(join(tmpdir(), 'entra-jwt-verify-bundlers-')))
const app = join(folder, 'app')
// What runs in here has no node_modules in or above it.
const elsewhere = join(folder, 'elsewhere')
const env = { ...process.env, ...environment(), NODE_OPTIONS: '', NO_COLOR: '1', NEXT_TELEMETRY_DISABLED: '1' }
const entry = join(app, 'service.mjs')
let tools
let packed

before(async () => {
  await installed(here)
  tools = {
    esbuild: await import('esbuild'),
    webpack: (await import('webpack')).default,
    rollup: await import('rollup'),
    commonjs: (await import('@rollup/plugin-commonjs')).default,
    nodeResolve: (await import('@rollup/plugin-node-resolve')).default
  }
  packed = await packRelease(folder)
  mkdirSync(app)
  mkdirSync(elsewhere)
  writeFileSync(join(app, 'package.json'), '{ "private": true }\n')
  cpSync(join(here, 'service.mjs'), entry)
  await installPacked(app)
})

after(() => rmSync(folder, { recursive: true, force: true }))

async function installed(project) {
  if (isInstalled(project)) return
  const command = npm('ci', '--no-audit', '--no-fund')
  const { code } = await run(command, { cwd: project, env: { npm_config_local_prefix: project } })
  assert.equal(code, 0, `npm ci in ${project}`)
}

function installPacked(project) {
  const flags = ['--offline', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund']
  return execute(npm('install', ...flags, packed.main.tarball, packed.addon.tarball), project)
}

// --- esbuild

function esbuild(options) {
  return tools.esbuild.build({ entryPoints: [entry], bundle: true, platform: 'node', logLevel: 'silent', ...options })
}

test('esbuild, with the loader "copy" for .node files', async () => {
  const outfile = join(elsewhere, 'esbuild', 'index.cjs')
  const { errors, warnings } = await esbuild({ outfile, loader: { '.node': 'copy' } })
  assert.deepEqual([errors, warnings], [[], []])
  await verifies(outfile)
})

test('esbuild to an ES module, with a banner that defines require', async () => {
  const outfile = join(elsewhere, 'esbuild-esm', 'index.mjs')
  const banner = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`
  await esbuild({ outfile, format: 'esm', loader: { '.node': 'copy' }, banner: { js: banner } })
  await verifies(outfile)
})

test('esbuild, with the platform packages external', async () => {
  const outfile = join(app, 'esbuild-external', 'index.cjs')
  await esbuild({ outfile, external: ['entra-jwt-verify-*'] })
  await verifies(outfile)
})

test('esbuild, with a loader that makes a path of the addon', async () => {
  const outfile = join(elsewhere, 'esbuild-file', 'index.cjs')
  await esbuild({ outfile, loader: { '.node': 'file' } })
  await fails(outfile, 'ERR_NATIVE_BUNDLE', /--loader:\.node=copy/)
})

// --- webpack

async function webpack(output, options = {}) {
  const configuration = {
    mode: 'production',
    target: 'node',
    context: app,
    entry,
    output: { path: output, filename: 'index.cjs' },
    resolveLoader: { modules: [join(here, 'node_modules')] },
    module: { rules: [{ test: /\.node$/, loader: 'node-loader' }] },
    ...options
  }
  const compiler = tools.webpack(configuration)
  const stats = await new Promise((resolve, reject) => {
    compiler.run((error, result) => (error ? reject(error) : resolve(result)))
  })
  await new Promise((resolve) => compiler.close(resolve))
  const { errors, warnings } = stats.toJson({ all: false, errors: true, warnings: true })
  assert.deepEqual(errors, [])
  return { bundle: join(output, 'index.cjs'), warnings: warnings.map(({ message }) => message) }
}

test('webpack, with node-loader', async () => {
  const { bundle, warnings } = await webpack(join(elsewhere, 'webpack'))
  await verifies(bundle)
  // Other platforms' packages, and nothing else.
  for (const warning of warnings) assert.match(warning, /^Module not found: .*'entra-jwt-verify-\w+-\w+/)
})

// --- rollup

async function rollup(format, file) {
  const { commonjs, nodeResolve } = tools
  const build = await tools.rollup.rollup({
    input: entry,
    external: [/^entra-jwt-verify-/],
    plugins: [nodeResolve({ preferBuiltins: true }), commonjs()],
    onwarn: ({ message }) => assert.fail(message)
  })
  await build.write({ file, format })
  await build.close()
}

test('rollup to CommonJS, with the platform packages external', async () => {
  const file = join(app, 'rollup', 'index.cjs')
  await rollup('cjs', file)
  await verifies(file)
})

test('rollup to an ES module, with the platform packages external', async () => {
  const file = join(app, 'rollup', 'index.mjs')
  await rollup('es', file)
  await verifies(file)
  await verifies(file, ['--enable-source-maps'])
})

test('a bundle without the addon says so', async () => {
  for (const [format, name] of [
    ['cjs', 'index.cjs'],
    ['es', 'index.mjs']
  ]) {
    const file = join(elsewhere, 'rollup', name)
    await rollup(format, file)
    const message = await fails(file, 'ERR_NATIVE_NOT_INSTALLED', /This code was bundled/)
    assert.ok(message.includes(join(elsewhere, 'rollup')), message)
  }
})

// --- bun, ncc

/** Not node_modules/.bin/bun: that is put in place by an install script. */
function bun() {
  const [name] = readdirSync(join(here, 'node_modules', '@oven'))
  const program = join(here, 'node_modules', '@oven', name, 'bin')
  return join(
    program,
    readdirSync(program).find((file) => /^bun(?:\.exe)?$/.test(file))
  )
}

test('bun build', async () => {
  const outdir = join(elsewhere, 'bun')
  await execute([bun(), 'build', entry, '--target=node', '--outdir', outdir], app, env)
  await verifies(join(outdir, 'service.js'))
})

test('bun build --compile', async () => {
  const program = join(elsewhere, 'bun-compiled')
  await execute([bun(), 'build', entry, '--compile', '--outfile', program], app, env)
  assert.deepEqual(await outputOf([program]), expected)
})

test('ncc', async () => {
  const output = join(elsewhere, 'ncc')
  const program = join(here, 'node_modules', '@vercel', 'ncc', 'dist', 'ncc', 'cli.js')
  await execute([process.execPath, program, 'build', entry, '-o', output], app, env)
  await verifies(join(output, existsSync(join(output, 'index.mjs')) ? 'index.mjs' : 'index.js'))
})

// --- where the package is not installed

test('a bundle that was made without the platform package finds it when it runs', async () => {
  const away = join(folder, platformPackage)
  const inPlace = join(app, 'node_modules', platformPackage)
  const outfile = join(app, 'late', 'esbuild.cjs')
  renameSync(inPlace, away)
  let bundle
  try {
    await esbuild({ outfile, loader: { '.node': 'copy' } })
    bundle = (await webpack(join(app, 'late', 'webpack'))).bundle
  } finally {
    renameSync(away, inPlace)
  }
  await verifies(outfile)
  await verifies(bundle)
})

test('Deno without --allow-ffi', async () => {
  const deno = [process.execPath, join(here, 'node_modules', 'deno', 'bin.cjs'), 'run', '--no-prompt']
  const permissions = ['--allow-read', '--allow-env', '--allow-sys']
  const { message } = await execute([...deno, ...permissions, entry], app, env).catch((error) => error)
  assert.match(message, /Deno was started without the permission to load .*\n- Add --allow-ffi\./)
  assert.deepEqual(await outputOf([...deno, ...permissions, '--allow-ffi', entry]), expected)
})

// --- Next.js

const withNext = { skip: process.argv.includes('--next') ? false : 'only with --next' }

const project = join(folder, 'next')

/** Builds the application of next/ with these settings. */
async function nextBuild(settings, ...flags) {
  if (!existsSync(project)) {
    cpSync(join(here, 'next'), project, { recursive: true })
    await installed(project)
    await installPacked(project)
  }
  rmSync(join(project, '.next'), { recursive: true, force: true })
  if (settings) writeFileSync(join(project, 'next.config.mjs'), `export default ${JSON.stringify(settings)}\n`)
  await execute(next('build', ...flags), project, env)
}

function next(...args) {
  return [process.execPath, join(project, 'node_modules', 'next', 'dist', 'bin', 'next'), ...args]
}

/** Moves what was built to where nothing is installed; returns the server's command line. */
function movedServer(name) {
  const moved = join(elsewhere, name)
  cpSync(join(project, '.next', 'standalone'), moved, { recursive: true })
  return [process.execPath, join(moved, 'server.js')]
}

test('Next.js, next build and next start without settings', withNext, async () => {
  await nextBuild()
  await serves(next('start'))
})

test('Next.js, standalone output', withNext, async () => {
  await nextBuild({ output: 'standalone' })
  await serves(movedServer('next'))
})

test('Next.js, standalone output, as an external package', withNext, async () => {
  await nextBuild({ output: 'standalone', serverExternalPackages: ['entra-jwt-verify'] })
  await serves(movedServer('next-external'))
})

test('Next.js with webpack, standalone output, as an external package', withNext, async () => {
  await nextBuild({ output: 'standalone', serverExternalPackages: ['entra-jwt-verify'] }, '--webpack')
  await serves(movedServer('next-webpack'))
})

async function serves([command, ...args]) {
  const port = await freePort()
  const server = spawn(command, args, {
    cwd: project,
    env: { ...env, PORT: String(port), HOSTNAME: '127.0.0.1' },
    stdio: ['ignore', 'ignore', 'inherit']
  })
  try {
    const { tenantId } = await (await ask(port, env.TOKEN)).json()
    assert.equal(tenantId, expected.tenantId)
    const forged = await ask(port, `${env.TOKEN.slice(0, -8)}AAAAAAAA`)
    assert.deepEqual([forged.status, await forged.json()], [401, { code: expected.forged }])
    await protects(port)
  } finally {
    server.kill()
  }
}

/** What entra-jwt-verify/fetch does in a route handler and in a proxy. */
async function protects(port) {
  const { tenantId } = expected
  for (const [path, reached] of [
    ['/api/tasks/7', { tenantId, id: '7' }],
    ['/api/proxied', { reached: true }]
  ]) {
    const passed = await ask(port, env.TOKEN, path)
    assert.deepEqual([passed.status, await passed.json()], [200, reached])
    const rejected = await ask(port, 'token', path)
    assert.deepEqual([rejected.status, (await rejected.json()).error], [401, 'invalid_token'])
    assert.match(rejected.headers.get('www-authenticate'), /^Bearer error="invalid_token"/)
  }
}

/** Until the server listens. */
async function ask(port, token, path = '/api/verify') {
  for (let attempt = 1; ; attempt++) {
    try {
      return await fetch(`http://127.0.0.1:${port}${path}`, { headers: { authorization: `Bearer ${token}` } })
    } catch (error) {
      if (attempt === 100) throw error
      await sleep(100)
    }
  }
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}

// --- what a bundle does

async function verifies(bundle, flags = []) {
  assert.deepEqual(await outputOf([process.execPath, ...flags, bundle]), expected)
}

async function outputOf(command) {
  const { stdout } = await execute(command, folder, env)
  return JSON.parse(stdout)
}

/** Resolves to all that was printed. */
async function fails(bundle, code, pattern) {
  const error = await execute([process.execPath, bundle], folder, env).then(
    () => assert.fail('it loaded'),
    (reason) => reason
  )
  assert.ok(error.message.includes(code), error.message)
  assert.match(error.message, pattern)
  return error.message
}
