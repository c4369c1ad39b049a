import { createServer } from 'node:http'
import { checkAuthToken } from 'entra-jwt-verify'
import { Server } from 'socket.io'

const server = createServer()
const io = new Server(server)
function authenticate(socket, next) {
  checkAuthToken.verifier.verify(socket.handshake.auth.token).then((auth) => {
    const timer = setTimeout(() => socket.disconnect(true), auth.expiresAt * 1000 - Date.now())
    socket.on('disconnect', () => clearTimeout(timer))
    socket.data.auth = auth
    next()
  }, next)
}
io.use(authenticate)
io.on('connection', (socket) => {
  socket.on('caller', (answer) => {
    if (typeof answer === 'function') answer({ client: socket.data.auth.clientId })
  })
})
server.listen(process.env.PORT)
