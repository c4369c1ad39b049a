import { createServer } from 'node:http'
import { checkAuthToken } from 'entra-jwt-verify'
import { Server } from 'socket.io'

const server = createServer()
const io = new Server(server)
function authenticate(socket, next) {
  checkAuthToken.verifier.verify(socket.handshake.auth.token).then((auth) => {
    socket.data.auth = auth
    next()
  }, next)
}
// Not in the middleware: a socket that another one refuses has no 'disconnect'.
function endAtExpiry(socket) {
  const { expiresAt } = socket.data.auth
  const timer = setTimeout(() => socket.disconnect(true), Math.min(expiresAt * 1000 - Date.now(), 2 ** 31 - 1))
  socket.on('disconnect', () => clearTimeout(timer))
}
io.use(authenticate)
io.on('connection', endAtExpiry)
io.on('connection', (socket) => {
  socket.on('caller', (answer) => {
    if (typeof answer === 'function') answer({ client: socket.data.auth.clientId })
  })
})
server.listen(process.env.PORT)
