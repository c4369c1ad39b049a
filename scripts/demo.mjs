// `npm run demo`: installs and builds what is missing, then runs `entra-jwt-verify demo`.
import { join } from 'node:path'
import { ensureBuilt, ensureInstalled, SetupError } from './ensure.mjs'
import { root, run } from './process.mjs'

try {
  await ensureInstalled()
  await ensureBuilt()
  const bin = join(root, 'bin', 'entra-jwt-verify.js')
  const { code } = await run([process.execPath, bin, 'demo', ...process.argv.slice(2)])
  process.exitCode = code ?? 1
} catch (error) {
  if (!(error instanceof SetupError)) throw error
  console.error(error.message)
  process.exitCode = 1
}
