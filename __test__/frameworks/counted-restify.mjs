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
server.get('/group', checkAuthToken, requireGroup('id', { onOverage }), handler)
server.listen(process.env.PORT)
