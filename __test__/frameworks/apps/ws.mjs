import { createServer, STATUS_CODES } from 'node:http'
import { checkAuthToken } from 'entra-jwt-verify'
import { WebSocketServer } from 'ws'

const server = createServer()
const sockets = new WebSocketServer({ noServer: true })
server.on('upgrade', async (request, socket, head) => {
  socket.on('error', () => socket.destroy())
  try {
    request.auth = await checkAuthToken.verifier.authenticate(request)
  } catch ({ status, headers }) {
    const lines = Object.entries({ ...headers, Connection: 'close' }).map(([name, value]) => `${name}: ${value}`)
    // Nobody reads from the socket, so that it would not notice when the client is gone.
    socket.once('finish', () => socket.destroy())
    socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', ''].join('\r\n'))
    return
  }
  sockets.handleUpgrade(request, socket, head, (client) => sockets.emit('connection', client, request))
})
sockets.on('connection', (client, { auth }) => {
  // A frame that is malformed is an error of the connection.
  client.on('error', () => client.terminate())
  const expires = auth.expiresAt * 1000
  const end = () => {
    client.close(1008, 'token expired')
    setTimeout(() => client.terminate(), 1000)
  }
  const timer = setTimeout(end, Math.min(expires - Date.now(), 2 ** 31 - 1))
  client.on('close', () => clearTimeout(timer))
  client.on('message', (message) => {
    if (Date.now() < expires) client.send(String(message))
  })
  client.send(JSON.stringify({ client: auth.clientId }))
})
server.listen(process.env.PORT)
