// Each package manager installs a release from a registry, without install scripts, and a program verifies a token.
import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execute } from '../../../../scripts/pack.mjs'
import { platform } from '../../../../scripts/platform.mjs'
import { root } from '../../../../scripts/process.mjs'
import { startTestAuthority } from '../../../../testing/index.js'
import { cleanEnvironment } from '../../../helpers/keys-setup.mjs'
import { scratch } from '../packed.mjs'
import { bun, deno, pnpm, script, versionOf } from '../programs.mjs'
import { packAll, startRegistry } from '../registry.mjs'
import { check, skip, versions } from '../report.mjs'

const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** Verifies a token, configured by the environment, and says what comes of another signature. */
const PROGRAM = `
const { verifier } = require('entra-jwt-verify').checkAuthToken
const { TOKEN, FORGED } = process.env
verifier.verify(TOKEN).then(async ({ clientId }) => {
  const forged = await verifier.verify(FORGED).then(() => 'verified', ({ code }) => code)
  console.log(JSON.stringify({ clientId, forged }))
})
`

/** Deno's permissions; docs/runtimes.md names them. */
const PERMISSIONS = ['--allow-net', '--allow-env', '--allow-read', '--allow-sys', '--allow-ffi']

const npm10 = script('npm10', 'npm')
const npm11 = script('npm11', 'npm')
const pnpm10 = script('pnpm10', 'pnpm')
const yarn1 = script('yarn1', 'yarn')
const yarn4 = script('@yarnpkg/cli-dist', 'yarn')

versions({
  npm: `${npm10.version} and ${npm11.version}`,
  pnpm: [pnpm10.version, ...(pnpm ? [await versionOf(pnpm)] : [])].join(' and '),
  Yarn: `${yarn1.version} and ${yarn4.version}`,
  ...(bun && { Bun: await versionOf(bun) }),
  ...(deno && { Deno: await versionOf(deno) })
})

const folder = scratch()
const authority = await startTestAuthority({ quiet: true })
const registry = await startRegistry(await packAll(folder))
const token = authority.issueToken()
const [header, payload, signature] = token.split('.')
const env = {
  // Of npm that runs this: it would configure another one.
  ...Object.fromEntries(
    Object.entries(cleanEnvironment()).filter(([name]) => !/^(?:npm|yarn|pnpm|bun|deno)_/i.test(name))
  ),
  ...authority.env(),
  TOKEN: token,
  FORGED: `${header}.${payload}.${signature[0] === 'A' ? 'B' : 'A'}${signature.slice(1)}`,
  CI: '',
  HOME: folder,
  NPM_CONFIG_REGISTRY: registry.url
}

const npmInstall =
  ({ file }, action) =>
  (cache) => [process.execPath, file, action, '--ignore-scripts', '--no-audit', '--no-fund', '--cache', cache]

/** The settings of Yarn 4. */
const yarnrc = (linker) => (cache) => ({
  '.yarnrc.yml': `
npmRegistryServer: '${registry.url}'
unsafeHttpWhitelist: [127.0.0.1]
enableScripts: false
enableGlobalCache: false
enableMirror: false
enableImmutableInstalls: false
enableTelemetry: false
cacheFolder: '${cache}'
nodeLinker: ${linker}
`,
  'yarn.lock': ''
})

const runByNode = (program) => [process.execPath, program]
const runByDeno = (program) => [deno, 'run', '--no-prompt', ...PERMISSIONS, program]

/**
 * By name: the command lines that install, files that configure them, the command line that runs a program; `libc: false` where the
 * packages for both C libraries are installed, of which the loader has to find the right one.
 */
const INSTALLERS = {
  'npm 10': { commands: [npmInstall(npm10, 'install')], program: runByNode },
  // Its lock file does not say for which libc a package is.
  'npm 10, from its lock file': {
    libc: false,
    commands: [npmInstall(npm10, 'install'), npmInstall(npm10, 'ci')],
    program: runByNode
  },
  'npm 11': { commands: [npmInstall(npm11, 'install'), npmInstall(npm11, 'ci')], program: runByNode },
  'pnpm 10': {
    commands: [(cache) => [process.execPath, pnpm10.file, 'install', '--ignore-scripts', '--store-dir', cache]],
    program: runByNode
  },
  'pnpm 12': {
    needs: pnpm,
    commands: [(cache) => [pnpm, 'install', '--ignore-scripts', '--store-dir', cache]],
    program: runByNode
  },
  'Yarn 1': {
    libc: false,
    commands: [
      (cache) => [process.execPath, yarn1.file, 'install', '--ignore-scripts', '--no-progress', '--cache-folder', cache]
    ],
    files: () => ({ '.yarnrc': `registry "${registry.url}"\n` }),
    program: runByNode
  },
  "Yarn 4, Plug'n'Play": {
    commands: [() => [process.execPath, yarn4.file, 'install']],
    files: yarnrc('pnp'),
    program: (program) => [process.execPath, yarn4.file, 'node', program]
  },
  'Yarn 4, node_modules': {
    commands: [() => [process.execPath, yarn4.file, 'install']],
    files: yarnrc('node-modules'),
    program: runByNode
  },
  'Bun, run by Node': {
    needs: bun,
    commands: [(cache) => [bun, 'install', '--ignore-scripts', '--cache-dir', cache]],
    program: runByNode
  },
  'Bun, run by Bun': {
    needs: bun,
    commands: [(cache) => [bun, 'install', '--ignore-scripts', '--cache-dir', cache]],
    program: (program) => [bun, program]
  },
  'Deno, node_modules': {
    libc: false,
    needs: deno,
    commands: [() => [deno, 'install']],
    files: () => ({ 'deno.json': '{ "nodeModulesDir": "auto" }' }),
    program: runByDeno
  },
  'Deno, its own cache': {
    libc: false,
    needs: deno,
    commands: [() => [deno, 'install']],
    files: () => ({ 'deno.json': '{ "nodeModulesDir": "none" }' }),
    program: runByDeno
  }
}

for (const [name, installer] of Object.entries(INSTALLERS)) {
  if ('needs' in installer && installer.needs === undefined) skip(name, 'npm has no executable of it for this platform')
  else await checkInstaller(name, installer)
}
registry.close()
await authority.close()

async function checkInstaller(name, { commands, files = () => ({}), program, libc = true }) {
  const project = join(folder, name.replaceAll(/\W+/g, '-'))
  const cache = `${project}-cache`
  mkdirSync(project)
  // pnpm 12 reads no variable of npm's, Deno does.
  const npmrc = { '.npmrc': `registry=${registry.url}\n` }
  const manifest = { name: 'app', private: true, dependencies: { 'entra-jwt-verify': version } }
  const all = { 'package.json': JSON.stringify(manifest), 'verify.cjs': PROGRAM, ...npmrc, ...files(cache) }
  for (const [file, text] of Object.entries(all)) writeFileSync(join(project, file), text)
  const own = { ...env, DENO_DIR: join(project, 'deno') }
  await check(`${name}: installs the package, and a program verifies a token`, async () => {
    for (const command of commands) {
      await execute(command(cache), project, own)
      const { stdout } = await execute(program('verify.cjs'), project, own)
      const found = JSON.parse(stdout)
      assert.deepEqual(found, { clientId: authority.client.clientId, forged: 'ERR_TOKEN_SIGNATURE' })
    }
  })
  await check(`${name}: installs the addons of ${libc ? 'no other platform' : 'no other system or processor'}`, () => {
    const expected = libc ? [platform] : ['gnu', 'musl'].map((name) => platform.replace(/gnu|musl/, name))
    assert.deepEqual(addonsIn(project), [...new Set(expected)])
  })
}

/** The platforms whose addons are below a folder. */
function addonsIn(project) {
  const names = readdirSync(project, { recursive: true }).map(
    (path) => /entra-jwt-verify\.([\w-]+)\.node$/.exec(path)?.[1]
  )
  return [...new Set(names.filter((name) => name !== undefined))].sort()
}
