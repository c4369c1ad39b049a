import { createServer } from 'node:http2'
import { checkAuthToken } from 'entra-jwt-verify'

const server = createServer((req, res) => {
  checkAuthToken(req, res, () => res.end(JSON.stringify({ client: req.auth.clientId })))
})
server.listen(process.env.PORT)
