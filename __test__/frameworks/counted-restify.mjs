// An application of restify that counts how often its handler is reached.
import { checkAuthToken, createCheckAuthToken, requireGroup } from 'entra-jwt-verify'
import restify from 'restify'
import { onOverage, responses } from './counted.mjs'

let reached = 0
const handler = (_req, res, next) => {
  reached++
  res.send({})
  next()
}

const server = restify.createServer()
server.get('/reached', (_req, res, next) => {
  res.send({ reached })
  next()
})
server.get('/closed', checkAuthToken, handler)
server.get('/own', createCheckAuthToken({ responses, logger: false }), handler)
// A handler that answers and goes on, as restify wants handlers to.
const answers = (_req, res, next) => {
  res.once('close', next)
  res.send(202)
}
server.get('/answered', answers, checkAuthToken, handler)
server.get('/group', checkAuthToken, requireGroup('id', { onOverage }), handler)
server.listen(process.env.PORT)
