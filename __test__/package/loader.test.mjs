// How the addon is found, and what is said when it cannot be loaded.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import test from 'ava'
import { addonFile, platform } from '../../scripts/platform.mjs'
import { install, installIn, load, platformPackage } from '../helpers/loader-app.mjs'

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
const onGlibc = platform.endsWith('-gnu')
const PERMISSION = ['--permission', '--experimental-permission'].find((flag) =>
  process.allowedNodeEnvironmentFlags.has(flag)
)

test('an installed package loads', async (t) => {
  t.deepEqual(await load(install(t)), { loaded: true })
})

test('the version in the loader is that of package.json', (t) => {
  const loader = readFileSync(new URL('../../lib/native.js', import.meta.url), 'utf8')
  t.is(/^const VERSION = '(.*)'$/m.exec(loader)?.[1], version)
})

test('the loader knows the platforms of npm/', (t) => {
  const loader = readFileSync(new URL('../../lib/native.js', import.meta.url), 'utf8')
  const required = [...loader.matchAll(/ 'entra-jwt-verify-([\w-]+)'\)/g)].map(([, target]) => target)
  t.deepEqual(required, readdirSync(new URL('../../npm', import.meta.url)).sort())
})

test('no environment variable chooses the file', async (t) => {
  const env = { NAPI_RS_NATIVE_LIBRARY_PATH: '/nonexistent.node', NAPI_RS_FORCE_WASI: '1' }
  t.deepEqual(await load(install(t), { env }), { loaded: true })
})

test('a file of the name of a local build, in the parent folder of a bundle, is not loaded', async (t) => {
  const { app, main, file, start } = install(t)
  // A bundle has this code under another name, here in dist/.
  mkdirSync(join(app, 'dist'))
  writeFileSync(join(app, 'dist', 'index.js'), readFileSync(join(main, 'lib', 'native.js')))
  writeFileSync(join(app, addonFile), 'not an addon')
  writeFileSync(start, `require('./dist/index.js'); console.log('{ "loaded": true }')`)
  t.deepEqual(await load({ start }), { loaded: true })
  t.true(existsSync(file))
})

test('a platform without an addon', async (t) => {
  const { start } = install(t)
  const pretend = `for (const [name, value] of [['platform', 'freebsd'], ['arch', 'riscv64']]) Object.defineProperty(process, name, { value })\n`
  writeFileSync(start, pretend + readFileSync(start, 'utf8'))
  const { code, message } = await load({ start })
  t.is(code, 'ERR_NATIVE_PLATFORM')
  const [, target, targets] = /^entra-jwt-verify has no addon for (.*)\.\n- Use one of: (.*)$/.exec(message)
  t.is(target, 'freebsd-riscv64')
  t.deepEqual(targets.split(', '), readdirSync(new URL('../../npm', import.meta.url)).sort())
})

test('another version of the platform package', async (t) => {
  const installed = install(t)
  const manifest = join(installed.addon, 'package.json')
  writeFileSync(manifest, readFileSync(manifest, 'utf8').replace(`"${version}"`, '"0.0.9"'))
  const { code, message } = await load(installed)
  t.is(code, 'ERR_NATIVE_VERSION')
  t.is(message.split('\n')[0], `entra-jwt-verify ${version} needs ${platformPackage} ${version}, got 0.0.9.`)
  t.true(message.includes(`npm install entra-jwt-verify@${version}`), message)
})

// --- not installed

/** A folder without the platform package, and what else is in it. */
async function loadWithout(t, prepare = () => {}) {
  const installed = install(t)
  rmSync(installed.addon, { recursive: true })
  prepare(installed)
  const { code, message, cause } = await load(installed)
  t.is(code, 'ERR_NATIVE_NOT_INSTALLED')
  t.is(cause.code, 'MODULE_NOT_FOUND')
  const [first, ...actions] = message.split('\n')
  t.true(
    first.startsWith(`${platformPackage} ${version}, which contains the addon for this platform, is not installed.`)
  )
  return { first, actions, ...installed }
}

const [os, cpu] = platform.split('-')
const libc = { gnu: 'glibc', musl: 'musl' }[platform.split('-')[2]]
const FLAGS = [`--os=${os}`, `--cpu=${cpu}`, ...(libc ? [`--libc=${libc}`] : [])].join(' ')

test('without optional dependencies', async (t) => {
  const { actions } = await loadWithout(t)
  t.is(actions.length, 2)
  t.regex(actions[0], /--omit=optional/)
  t.true(actions[1].endsWith(`npm install ${FLAGS}`), actions[1])
})

test('installed on another platform', async (t) => {
  const { first, actions, modules } = await loadWithout(t, (installed) => mkdirSync(join(installed.modules, OTHER)))
  t.true(first.endsWith(`${modules} contains ${OTHER} instead.`), first)
  t.is(actions.length, 1)
})

const OTHER = platform === 'darwin-arm64' ? 'entra-jwt-verify-darwin-x64' : 'entra-jwt-verify-darwin-arm64'

test('a package-lock.json that lost the platform', async (t) => {
  const { first, actions, app } = await loadWithout(t, (installed) => writeLock(installed.app, OTHER))
  t.true(
    first.includes(`${join(app, 'package-lock.json')} does not list it: it may be from npm 10 or older, which can`),
    first
  )
  t.true(actions[0].endsWith(`npm install entra-jwt-verify@${version}`), actions[0])
})

test('a package-lock.json that lists the platform is not blamed', async (t) => {
  const { first, actions } = await loadWithout(t, (installed) => writeLock(installed.app, platformPackage))
  t.false(first.includes('package-lock.json'))
  t.regex(actions[0], /--omit=optional/)
})

function writeLock(app, addon) {
  const packages = Object.fromEntries(['entra-jwt-verify', addon].map((name) => [`node_modules/${name}`, { version }]))
  writeFileSync(join(app, 'package-lock.json'), JSON.stringify({ lockfileVersion: 3, packages }))
}

test('each package manager has its own command', async (t) => {
  const yarn = await loadWithout(t, ({ modules }) => writeFileSync(join(modules, '.yarn-state.yml'), ''))
  t.regex(
    yarn.actions.at(-1),
    /supportedArchitectures: \{ os: \[current, \w+\].* into \.yarnrc\.yml and run: yarn install$/
  )
  const bun = await loadWithout(t, ({ app }) => writeFileSync(join(app, 'bun.lock'), ''))
  t.true(bun.actions.at(-1).endsWith(`bun install --os=${os} --cpu=${cpu}`), bun.actions.at(-1))
})

test('pnpm is recognised by its folder', async (t) => {
  const installed = install(t, join('node_modules', '.pnpm', 'entra-jwt-verify@0'))
  rmSync(installed.addon, { recursive: true })
  const { message } = await load(installed)
  t.true(message.endsWith(`pnpm install ${FLAGS}`), message)
})

// --- the file

async function loadBroken(t, damage) {
  const installed = install(t)
  damage(installed)
  const { code, message, cause } = await load(installed)
  return { code, message, cause, ...installed }
}

test('a platform package without its .node file', async (t) => {
  const { code, message, addon } = await loadBroken(t, ({ file }) => rmSync(file))
  t.is(code, 'ERR_NATIVE_FILE')
  t.is(message.split('\n')[0], `${addon} is installed without its .node file.`)
  t.regex(message, /\.dockerignore/)
})

const BROKEN = [
  ['an empty file', (file) => truncateSync(file), /: it is empty\.$/],
  [
    'a web page',
    (file) => writeFileSync(file, '<!doctype html>'.repeat(9)),
    /: expected an addon for \S+, got a file that is no executable \(135 bytes\)\.$/
  ]
]
if (os === 'linux') {
  BROKEN.push(
    ['a file that ends in its header', (file) => truncateSync(file, 40), /: expected \d+ bytes, got 40\.$/],
    [
      'a file for another processor',
      (file) => patch(file, 18, [cpu === 'x64' ? 183 : 62, 0]),
      /: expected an addon for linux-\w+, got one for linux-(?:arm64|x64)\.$/
    ],
    [
      'a 32-bit file',
      (file) => patch(file, 4, [1]),
      /: expected an addon for linux-\w+, got one for linux-another processor\.$/
    ],
    [
      'a file of macOS',
      (file) => patch(file, 0, [0xcf, 0xfa, 0xed, 0xfe, 0x0c, 0, 0, 1]),
      /got one for darwin-arm64\.$/
    ],
    ['a file of Windows', (file) => writeFileSync(file, windowsFile()), /got one for win32-x64\.$/]
  )
}
for (const [what, damage, says] of BROKEN) {
  test(`a damaged or foreign file: ${what}`, async (t) => {
    const { code, message, cause, file } = await loadBroken(t, (installed) => damage(installed.file))
    t.is(code, 'ERR_NATIVE_FILE')
    t.true(message.startsWith(`${file} is damaged or foreign: `), message)
    t.regex(message.split('\n')[0], says)
    t.is(cause.code, 'ERR_DLOPEN_FAILED')
  })
}

function patch(file, offset, bytes) {
  const content = readFileSync(file)
  content.set(bytes, offset)
  writeFileSync(file, content)
}

function windowsFile() {
  const content = Buffer.alloc(512)
  content.write('MZ')
  content.writeUInt32LE(128, 0x3c)
  content.write('PE\0\0', 128)
  content.writeUInt16LE(0x8664, 132)
  return content
}

// --- the C library

/** Replaces a name in the tables of strings by another of the same length. */
function rename(file, from, to) {
  const content = readFileSync(file)
  for (let at = content.indexOf(from); at !== -1; at = content.indexOf(from, at + 1)) content.write(to, at, 'latin1')
  writeFileSync(file, content)
}

const glibcTest = onGlibc ? test : test.skip

glibcTest('a newer glibc is needed', async (t) => {
  const needed = /GLIBC_(2\.\d+)\0/.exec(readFileSync(install(t).file, 'latin1'))[1]
  const { code, message } = await loadBroken(t, ({ file }) =>
    rename(file, `GLIBC_${needed}\0`, `GLIBC_9${needed.slice(1)}\0`)
  )
  t.is(code, 'ERR_NATIVE_LIBC')
  const found = process.report.getReport().header.glibcVersionRuntime
  t.is(message.split('\n')[0], `${platformPackage} needs glibc 9${needed.slice(1)} or newer, got ${found}.`)
})

glibcTest('a file that needs musl, on glibc', async (t) => {
  const { code, message } = await loadBroken(t, ({ file }) => rename(file, 'libgcc_s.so.1', 'libc.musl-x86'))
  t.is(code, 'ERR_NATIVE_LIBC')
  t.is(message.split('\n')[0], `${platformPackage} contains an addon for musl, got a process that runs on glibc.`)
})

// --- what the runtime forbids

test('--no-addons', async (t) => {
  const installed = install(t)
  for (const how of [{ flags: ['--no-addons'] }, { env: { NODE_OPTIONS: '--no-addons' } }]) {
    const { code, message, cause } = await load(installed, how)
    t.is(code, 'ERR_NATIVE_DISABLED')
    t.is(cause.code, 'ERR_DLOPEN_DISABLED')
    t.regex(message, /^- Remove --no-addons/m)
  }
})

test('--no-addons of a worker thread', async (t) => {
  const { start } = install(t)
  writeFileSync(
    start,
    `try { require('entra-jwt-verify') } catch ({ code }) { require('node:worker_threads').parentPort.postMessage(code) }`
  )
  const worker = new Worker(start, { execArgv: ['--no-addons'] })
  t.is(await new Promise((resolve) => worker.once('message', resolve).once('error', resolve)), 'ERR_NATIVE_DISABLED')
})

const permissionTest = PERMISSION ? test : test.skip

permissionTest('the permission model without addons', async (t) => {
  const installed = install(t)
  const { code, message } = await load(installed, { flags: [PERMISSION, `--allow-fs-read=${installed.app}/*`] })
  t.is(code, 'ERR_NATIVE_DISABLED')
  t.regex(message, /^- Add --allow-addons next to --permission\.$/m)
})

permissionTest('the permission model without the folder of the platform package', async (t) => {
  const { app, main, modules, addon, start } = install(t)
  const flags = [
    PERMISSION,
    `--allow-fs-read=${start}`,
    `--allow-fs-read=${main}/*`,
    `--allow-fs-read=${app}/package.json`
  ]
  const { code, message } = await load({ start }, { flags })
  t.is(code, 'ERR_NATIVE_DISABLED')
  const [first] = message.split('\n')
  t.is(first, `Node.js was started without the permission to read ${join(addon, 'package.json')}.`)
  t.true(message.includes(`--allow-fs-read=${modules}/* and --allow-addons`), message)
})

permissionTest('the permission model with what the message names', async (t) => {
  const installed = install(t)
  const flags = [PERMISSION, `--allow-fs-read=${installed.app}/*`, '--allow-addons']
  t.deepEqual(await load(installed, { flags }), { loaded: true })
})

// --- what the operating system forbids

const inNamespace = os === 'linux' && process.getuid() === 0 && spawnSync('unshare', ['-m', 'true']).status === 0
const mountTest = inNamespace ? test : test.skip

mountTest('a file system that is mounted with noexec', async (t) => {
  const { app, modules, start } = install(t)
  const mounted = join(app, 'mounted')
  mkdirSync(mounted)
  const script = `mount -t tmpfs -o noexec tmpfs "$1" && cp -r "$2" "$3" "$1" && exec "$4" "$1/load.cjs"`
  const command = ['-m', 'sh', '-c', script, 'sh', mounted, modules, start, process.execPath]
  const { code, message } = JSON.parse(spawnSync('unshare', command, { encoding: 'utf8' }).stdout)
  t.is(code, 'ERR_NATIVE_BLOCKED')
  t.is(
    message.split('\n')[0],
    `${platformPackage} cannot be loaded: the file system at ${mounted} is mounted with noexec.`
  )
  t.regex(message, /remount,exec/)
})

test('a zip archive of Yarn', async (t) => {
  const installed = installIn(install(t).app, join('cache', 'entra-jwt-verify.zip'))
  truncateSync(installed.file)
  t.is((await load(installed)).code, 'ERR_NATIVE_FILE', 'a folder of such a name is no archive without Yarn')
  writeFileSync(installed.start, `process.versions.pnp = '3'\n${readFileSync(installed.start, 'utf8')}`)
  const { code, message } = await load(installed)
  t.is(code, 'ERR_NATIVE_NOT_INSTALLED')
  t.true(message.includes(`"${platformPackage}@${version}": { "unplugged": true }`), message)
})

test('every code is documented', (t) => {
  const { CODES } = createRequire(import.meta.url)('../../lib/native/errors.js')
  const documented = readFileSync(new URL('../../docs/installing.md', import.meta.url), 'utf8')
  const listed = [...documented.matchAll(/^\| `(ERR_NATIVE_\w+)`/gm)].map(([, code]) => code)
  t.deepEqual(listed, Object.values(CODES))
})
