// A restify application that counts how often its handlers are reached.
import { setTimeout as sleep } from 'node:timers/promises'
import { checkAuthToken, createCheckAuthToken, requireGroup } from 'entra-jwt-verify'
import restify from 'restify'

let reached = 0
const handler = (_req, res, next) => {
  reached++
  res.send({})
  next()
}

/** Answers later, as an application that looks something up. */
async function responses(error, _req, res) {
  await sleep(20)
  res.send(error.status, {})
}

const group = requireGroup('id', { onOverage: async ({ claims }) => claims.answer === true })

const server = restify.createServer()
server.get('/reached', (_req, res, next) => {
  res.send({ reached })
  next()
})
server.get('/closed', checkAuthToken, handler)
server.get('/own', createCheckAuthToken({ responses, logger: false }), handler)
server.get('/group', checkAuthToken, group, handler)
server.listen(process.env.PORT)
