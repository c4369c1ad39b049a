// An API with Hono.
//
//   node examples/hono/node.mjs
//   bun examples/hono/app.mjs
//   deno serve --allow-env --allow-read --allow-sys --allow-ffi --port 3000 examples/hono/app.mjs
//
// Configured by ENTRA_TENANT_ID and ENTRA_CLIENT_ID.
import { checkAuthToken, requireRole } from 'entra-jwt-verify/hono'
import { Hono } from 'hono'
import { cors } from 'hono/cors'

const app = new Hono()
// In front of checkAuthToken: preflights and health checks have no token.
app.use(cors({ origin: 'https://app.example' }))
app.get('/health', (c) => c.text('ok'))

app.use(checkAuthToken)
app.get('/tasks', (c) => c.json({ caller: c.var.auth.clientId, roles: c.var.auth.roles }))
app.post('/tasks', requireRole('Task.Write'), async (c) =>
  c.json({ by: c.var.auth.clientId, task: await c.req.json() }, 201)
)

// For Bun and Deno.
export default app
