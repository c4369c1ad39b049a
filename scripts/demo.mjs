// `npm run demo`: installs and builds what is missing, then runs examples/demo.mjs.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { ensureBuilt, ensureInstalled, SetupError } from './ensure.mjs'
import { root } from './process.mjs'

try {
  await ensureInstalled()
  await ensureBuilt()
  const demo = spawn(process.execPath, [join(root, 'examples', 'demo.mjs'), ...process.argv.slice(2)], {
    stdio: 'inherit'
  })
  demo.on('exit', (code) => {
    process.exitCode = code ?? 1
  })
} catch (error) {
  if (!(error instanceof SetupError)) throw error
  console.error(error.message)
  process.exitCode = 1
}
