// examples/nest, compiled as its first lines say, runs behind a test authority.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { execute } from '../../scripts/pack.mjs'
import { root, tool } from '../../scripts/process.mjs'
import { start } from '../helpers/start.mjs'

const folder = join(root, 'examples', 'nest')

test('the example for NestJS compiles, starts and protects its routes', async (t) => {
  // In the checkout, where the example finds the package by its name.
  const dist = mkdtempSync(join(folder, 'dist-'))
  t.teardown(() => rmSync(dist, { recursive: true }))
  await execute(tool('tsc', '-p', folder, '--outDir', dist), root)

  const { authority } = await start(t)
  const env = {
    ...process.env,
    PORT: '0',
    ENTRA_TENANT_ID: authority.tenantId,
    ENTRA_CLIENT_ID: authority.api.clientId,
    ENTRA_AUTHORITY_HOST: authority.url
  }
  const child = spawn(process.execPath, [join(dist, 'main.js')], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => child.kill())
  const [line] = await once(child.stdout.setEncoding('utf8'), 'data')
  const url = /listening on (http:\S+)/.exec(line)[1]

  const statusOf = async (method, path, overrides) => {
    const headers = overrides === undefined ? {} : { Authorization: `Bearer ${authority.issueToken(overrides)}` }
    const { status } = await fetch(url + path, { method, headers })
    return status
  }
  t.is(await statusOf('GET', '/tasks/health'), 200)
  t.is(await statusOf('GET', '/tasks'), 401)
  t.is(await statusOf('GET', '/tasks', { scopes: ['Task.Read'] }), 200)
  t.is(await statusOf('GET', '/tasks', { roles: ['Task.Read.All'] }), 200)
  t.is(await statusOf('GET', '/tasks', { roles: ['Task.Write.All'] }), 403)
  t.is(await statusOf('DELETE', '/tasks/1', { roles: ['Task.Write.All'] }), 204)
  t.is(await statusOf('DELETE', '/tasks/1', { scopes: ['Task.Read'] }), 403)
  t.is(await statusOf('DELETE', '/tasks/1', { roles: ['Task.Write.All'], expiresIn: -1 }), 401)
})
