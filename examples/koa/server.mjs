// An API with Koa.
//
//   node examples/koa/server.mjs
//
// Configured by ENTRA_TENANT_ID and ENTRA_CLIENT_ID.
import { json } from 'node:stream/consumers'
import cors from '@koa/cors'
import Router from '@koa/router'
import { checkAuthToken, requireRole } from 'entra-jwt-verify/koa'
import Koa from 'koa'

const open = new Router()
open.get('/health', (ctx) => {
  ctx.body = 'ok'
})

const router = new Router()
router.get('/tasks', (ctx) => {
  const { clientId, roles } = ctx.state.auth
  ctx.body = { caller: clientId, roles }
})
router.post('/tasks', requireRole('Task.Write'), async (ctx) => {
  ctx.status = 201
  ctx.body = { by: ctx.state.auth.clientId, task: await json(ctx.req) }
})

const app = new Koa()
// In front of checkAuthToken: preflights and health checks have no token.
app.use(cors({ origin: 'https://app.example' }))
app.use(open.routes())

app.use(checkAuthToken)
app.use(router.routes())

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}`)
})
