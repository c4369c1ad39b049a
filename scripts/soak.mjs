// `npm run test:soak`: the long versions of tests that npm test runs shortened, and load through proxies where they are installed.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { ensureBuilt, ensureInstalled } from './ensure.mjs'
import { root, run } from './process.mjs'
import { rustTests } from './steps.mjs'

await ensureInstalled()
await ensureBuilt()

/** @type {import('./process.mjs').CommandLine[]} */
const soaks = []
const folder = join(root, '__test__', 'soak')
for (const file of readdirSync(folder)) {
  if (file.endsWith('.mjs')) soaks.push([process.execPath, join(folder, file)])
}
// The replay of months of Entra, in steps of a minute.
soaks.push(rustTests('--no-default-features', '--test', 'replay'))

for (const command of soaks) {
  console.log(`\n== ${command.join(' ')}`)
  const { code } = await run(command, { env: { ENTRA_JWT_SOAK: '1' } })
  if (code !== 0) process.exitCode = 1
}
