// The contract of adapters over HTTP/2, where the framework has it.
import test from 'ava'
import { testContract } from '../helpers/adapter-contract.mjs'
import { listenHttp2 } from '../helpers/app.mjs'
import { http2 } from '../helpers/contract-clients.mjs'
import { overHttp2 as plain } from '../helpers/express-drivers.mjs'
import { overHttp2 as fastify } from '../helpers/fastify-driver.mjs'
import { driver as fetchDriver } from '../helpers/fetch-driver.mjs'
import { driver as honoDriver } from '../helpers/hono-driver.mjs'
import { overHttp2 as koa } from '../helpers/koa-driver.mjs'
import { overHttp2 as nest } from '../helpers/nest-drivers.mjs'

// Hono's own error handler prints what it answers with a bare 500.
const { error: print } = console
test.before(() => {
  console.error = (...parts) => (parts[0]?.message === 'boom' ? undefined : print(...parts))
})
test.after.always(() => {
  console.error = print
})

const hono = honoDriver('Hono 4 over HTTP/2', undefined, listenHttp2)
const fetch = fetchDriver('withAuth', 'fetch over HTTP/2', listenHttp2)
for (const driver of [plain, fastify, koa, hono, fetch, nest]) testContract({ ...driver, client: http2 })
