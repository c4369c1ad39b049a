import entra from 'entra-jwt-verify/hono'
import { Hono } from 'hono'
import { COLD, guardsFrom, OPTIONS, serveFetch } from './serve.mjs'

const { createCheckAuthToken } = entra
const answer = (c) => c.json({ client: c.get('auth')?.clientId ?? null })
const guards = Object.entries(guardsFrom(entra))

const app = new Hono()
for (const [index, options] of COLD.entries()) app.get(`/cold/${index}`, createCheckAuthToken(options), answer)
for (const [path, guard] of guards) app.get(`/bare${path}`, guard, answer)
app.use(createCheckAuthToken(OPTIONS))
app.get('/', answer)
for (const [path, guard] of guards) app.get(path, guard, answer)
await serveFetch(app.fetch)
