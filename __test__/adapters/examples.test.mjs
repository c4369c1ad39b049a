// The examples of the entries for frameworks, started as their first lines say and called.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import test from 'ava'
import { root } from '../../scripts/process.mjs'
import { variablesFor } from '../helpers/environment.mjs'
import { start } from '../helpers/start.mjs'

/** Starts an example on a free port; resolves to its URL. */
async function started(t, file, authority) {
  const env = { ...process.env, ...variablesFor(authority), PORT: '0' }
  const child = spawn(process.execPath, [file], { cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => child.kill())
  const [line] = await once(child.stdout.setEncoding('utf8'), 'data')
  return line.trim()
}

for (const file of ['fastify/server.mjs', 'fetch/node.mjs', 'hono/node.mjs', 'koa/server.mjs']) {
  test(`examples/${file}`, async (t) => {
    const { authority } = await start(t)
    const url = await started(t, join(root, 'examples', file), authority)
    const send = async (path, overrides, init) => {
      const authorization = overrides && { authorization: `Bearer ${authority.issueToken(overrides)}` }
      const answer = await fetch(url + path, { ...init, headers: { ...init?.headers, ...authorization } })
      return [answer.status, await answer.text()]
    }
    const task = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"title":"test"}' }
    const caller = authority.client.clientId
    t.deepEqual(await send('/health'), [200, 'ok'])
    t.deepEqual(await send('/tasks'), [401, 'Unauthorized'])
    t.deepEqual(await send('/tasks', {}), [200, JSON.stringify({ caller, roles: [] })])
    t.deepEqual(await send('/tasks', {}, task), [403, 'Forbidden'])
    const [status, body] = await send('/tasks', { roles: ['Task.Write'] }, task)
    t.deepEqual([status, JSON.parse(body)], [201, { by: caller, task: { title: 'test' } }])
  })
}
