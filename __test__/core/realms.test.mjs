// A forged token is refused, and a good one passes, where the global `Promise` is not the addon's own: replaced by a
// library or a subclass, or of another realm. Nothing but a proof lets a request through, so nothing here may depend on it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import { coldStartOf, expectedOf } from '../helpers/cold-start-tokens.mjs'

const client = fileURLToPath(new URL('../helpers/cold-start-realm.cjs', import.meta.url))

for (const promise of ['bluebird', 'es6-promise', 'subclass', 'context']) {
  test(`Promise is of another kind: ${promise}`, async (t) => {
    const authority = await startTestAuthority({ quiet: true })
    t.teardown(() => authority.close())
    const given = coldStartOf(authority)
    const child = spawn(process.execPath, [client, promise], {
      env: { ...process.env, COLD_START: JSON.stringify(given) },
      stdio: ['ignore', 'pipe', 'pipe']
    })
    const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
    t.is(errors, '')
    t.deepEqual(JSON.parse(output), expectedOf(authority))
  })
}

async function text(stream) {
  let all = ''
  for await (const chunk of stream.setEncoding('utf8')) all += chunk
  return all
}
