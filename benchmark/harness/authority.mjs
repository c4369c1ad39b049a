import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startChild } from './child.mjs'

/**
 * Starts the test authority in a process of its own, over HTTPS as Entra is.
 *
 * `world` is all that a contender has to know, as JSON; `env` makes a child process trust the authority; the methods
 * are those of authority-process.mjs.
 */
export async function startAuthority() {
  const child = await startChild('harness/authority-process.mjs')
  const { ca, ...world } = child.value
  // Node reads certificates to trust from a file, once, when it starts.
  const folder = mkdtempSync(join(tmpdir(), 'entra-jwt-verify-benchmark-'))
  const file = join(folder, 'ca.pem')
  writeFileSync(file, ca)
  return {
    world,
    env: { NODE_EXTRA_CA_CERTS: file },
    rotateKeys: () => child.call('rotateKeys'),
    delay: (milliseconds) => child.call('delay', milliseconds),
    keyRequests: () => child.call('keyRequests'),
    async close() {
      await child.stop()
      rmSync(folder, { recursive: true, force: true })
    }
  }
}
