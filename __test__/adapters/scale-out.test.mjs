// One instance of examples/scale-out: how it starts, replaces its workers, stops, and starts again while the authority is down.
// `npm run test:soak` puts load and proxies in front.
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { freePort, Instance } from '../helpers/scale-out-service.mjs'
import { start, until } from '../helpers/start.mjs'

const HOST = '127.0.0.1'

test('examples/scale-out: it drains before it ends, and starts with saved keys', async (t) => {
  const { authority } = await start(t)
  const folder = mkdtempSync(join(tmpdir(), 'entra-jwt-verify-scale-out-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const port = await freePort(HOST)
  const instance = new Instance({ host: HOST, port, folder, env: { ...authority.env(), WORKERS: '1' } })
  t.teardown(() => instance.kill())
  const send = async (path, headers) => {
    const response = await fetch(`http://${HOST}:${port}${path}`, { headers })
    await response.arrayBuffer()
    return [response.status, response.headers.get('connection')]
  }
  const good = () => send('/tasks', { authorization: authority.bearer() })

  await instance.start()
  t.deepEqual(await good(), [200, 'keep-alive'])
  t.deepEqual(await send('/tasks'), [401, 'keep-alive'])
  await instance.restart()
  t.deepEqual(await send('/health'), [200, 'keep-alive'])

  const stopped = instance.stop()
  let health
  await until(
    () => health === 503,
    async () => {
      ;[health] = await send('/health')
    }
  )
  // It still answers, and the proxy does not use the connection again.
  t.deepEqual(await good(), [200, 'close'])
  await stopped

  const file = join(folder, `keys-${HOST}.json`)
  t.is(statSync(file).mode & 0o077, 0)
  await authority.stop()
  await instance.start()
  t.deepEqual(await good(), [200, 'keep-alive'])
  await instance.kill()
  rmSync(file)
  await t.throwsAsync(instance.start(), { message: /exit code 1/ })
})
