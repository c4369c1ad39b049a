// Programs with all adapters in one bundle: esbuild, Rolldown, Vite's server build, bun build, and one executable of Node's.
import assert from 'node:assert/strict'
import { cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as esbuild from 'esbuild'
import { rolldown } from 'rolldown'
import { build as vite } from 'vite'
import { execute } from '../../../../scripts/pack.mjs'
import { environment, expected } from '../../bundlers/tokens.mjs'
import { application, scratch } from '../packed.mjs'
import { bun, NODES, script, versionOf } from '../programs.mjs'
import { check, skip, versions } from '../report.mjs'

const node26 = existsSync(NODES['Node 26']) ? NODES['Node 26'] : undefined

versions({
  esbuild: esbuild.version,
  Rolldown: script('rolldown', 'rolldown').version,
  Vite: script('vite', 'vite').version,
  ...(bun && { Bun: await versionOf(bun) }),
  ...(node26 && { 'Node of the executable': await versionOf(node26) })
})

const folder = scratch()
const app = await application(folder)
const entry = join(app, 'all.mjs')
cpSync(fileURLToPath(new URL('../bundled/all.mjs', import.meta.url)), entry)
// What runs in here has no node_modules in or above it.
const elsewhere = join(folder, 'elsewhere')
mkdirSync(elsewhere)
const env = { ...process.env, ...environment(), NODE_OPTIONS: '', NODE_PATH: '' }

const bundle = (options) =>
  esbuild.build({
    entryPoints: [entry],
    bundle: true,
    platform: 'node',
    logLevel: 'silent',
    loader: { '.node': 'copy' },
    ...options
  })

await check('esbuild, --loader:.node=copy', async () => {
  const outfile = join(elsewhere, 'esbuild', 'index.cjs')
  await bundle({ outfile })
  await verifies(process.execPath, outfile)
})

await check('esbuild to an ES module, split into chunks', async () => {
  const outdir = join(elsewhere, 'esbuild-split')
  const banner = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`
  await bundle({ outdir, format: 'esm', splitting: true, outExtension: { '.js': '.mjs' }, banner: { js: banner } })
  await verifies(process.execPath, join(outdir, 'all.mjs'))
})

await check('Rolldown, with the platform packages external', async () => {
  const file = join(app, 'rolldown', 'index.mjs')
  const built = await rolldown({ input: entry, platform: 'node', external: [/^entra-jwt-verify-/], logLevel: 'silent' })
  await built.write({ file, format: 'esm' })
  await built.close()
  await verifies(process.execPath, file)
})

for (const [name, ssr, rolldownOptions] of [
  ['Vite, build.ssr', {}, {}],
  ['Vite, build.ssr with noExternal', { noExternal: true }, { external: [/^entra-jwt-verify-/] }]
]) {
  await check(name, async () => {
    const outDir = join(app, name.replaceAll(/\W+/g, '-'))
    await vite({
      root: app,
      logLevel: 'silent',
      ssr,
      build: { ssr: entry, outDir, emptyOutDir: true, rolldownOptions }
    })
    const [file] = readdirSync(outDir).filter((found) => /\.m?js$/.test(found))
    await verifies(process.execPath, join(outDir, file))
  })
}

if (bun) {
  await check('bun build', async () => {
    const outdir = join(elsewhere, 'bun')
    await execute([bun, 'build', entry, '--target=node', '--outdir', outdir], app, env)
    await verifies(process.execPath, join(outdir, 'all.js'))
  })
  await check('bun build --compile', async () => {
    const program = join(elsewhere, 'bun-compiled')
    await execute([bun, 'build', entry, '--compile', '--outfile', program], app, env)
    await verifies(program)
  })
} else skip('bun build', 'npm has no executable of it for this platform')

if (node26) {
  await check('a single executable of Node, with the addon beside it', async () => {
    await verifies(await executable("require = require('node:module').createRequire(process.execPath)"))
  })
} else skip('a single executable of Node', 'npm has no Node 26 for this platform')

/** An executable that Node 26 makes of a bundle. Its `require` finds built-in modules alone. */
async function executable(banner) {
  const home = join(elsewhere, 'sea')
  const outfile = join(home, 'index.cjs')
  await bundle({ outfile, banner: { js: banner } })
  const program = join(home, process.platform === 'win32' ? 'service.exe' : 'service')
  const settings = { main: outfile, output: program, disableExperimentalSEAWarning: true }
  const file = join(home, 'sea.json')
  writeFileSync(file, JSON.stringify(settings))
  await execute([node26, '--build-sea', file], home, env)
  return program
}

async function verifies(...command) {
  const { stdout } = await execute(command, folder, env)
  const { mcp, ...others } = JSON.parse(stdout)
  assert.equal(mcp.isVerified, true)
  assert.equal(mcp.forged, expected.forged)
  assert.deepEqual(Object.keys(others), ['none', 'express', 'fastify', 'fetch', 'hono', 'koa'])
  for (const [name, found] of Object.entries(others)) assert.deepEqual(found, expected, name)
}
