import { createServer } from 'node:http'
import { checkAuthToken } from 'entra-jwt-verify'
import { Server } from 'socket.io'

const server = createServer()
const io = new Server(server)
io.engine.use(checkAuthToken)
io.on('connection', (socket) => {
  const { auth } = socket.request
  const timer = setTimeout(() => socket.disconnect(true), auth.expiresAt * 1000 - Date.now())
  socket.on('disconnect', () => clearTimeout(timer))
  socket.on('caller', (answer) => answer({ client: auth.clientId }))
})
server.listen(process.env.PORT)
