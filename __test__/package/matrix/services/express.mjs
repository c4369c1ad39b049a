import entra from 'entra-jwt-verify'
import express from 'express'
import { COLD, guardsFrom, OPTIONS, serveNode } from './serve.mjs'

const { createCheckAuthToken } = entra
const answer = (req, res) => res.json({ client: req.auth?.clientId ?? null })
const guards = Object.entries(guardsFrom(entra))

const app = express()
for (const [index, options] of COLD.entries()) app.get(`/cold/${index}`, createCheckAuthToken(options), answer)
for (const [path, guard] of guards) app.get(`/bare${path}`, guard, answer)
app.use(createCheckAuthToken(OPTIONS))
app.get('/', answer)
for (const [path, guard] of guards) app.get(path, guard, answer)
serveNode(app)
