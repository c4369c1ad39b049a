import { fileURLToPath } from 'node:url'
import { isInstalled, SetupError } from '../../scripts/ensure.mjs'
import { npm, run } from '../../scripts/process.mjs'

const folder = fileURLToPath(new URL('..', import.meta.url))

/** Installs what is measured against and with, where it is missing or not what package-lock.json names. */
export async function ensurePeers() {
  if (isInstalled(folder)) return
  console.log('Installing the dependencies of benchmark/.')
  // Not `npm ci`: it insists on an entry in the lock file for each platform's package of @node-rs/jsonwebtoken, and the
  // registry does not have them all. With a lock file, this installs the same versions and leaves the file alone.
  const command = npm('install', '--no-save', '--no-audit', '--no-fund')
  // `npm run bench` sets it to the folder above, and an npm that is started from there would install into that.
  const { code } = await run(command, { cwd: folder, env: { npm_config_local_prefix: folder } })
  if (code !== 0) throw new SetupError('The dependencies of benchmark/ were not installed, see above.')
}
