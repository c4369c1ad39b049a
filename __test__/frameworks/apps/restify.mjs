import { checkAuthToken } from 'entra-jwt-verify'
import restify from 'restify'

const server = restify.createServer()
server.use(checkAuthToken)
server.get('/', (req, res, next) => {
  res.send({ client: req.auth.clientId })
  next()
})
server.listen(process.env.PORT)
