import { createServer } from 'node:http'
import { checkAuthToken } from 'entra-jwt-verify'
import { Server } from 'socket.io'

const server = createServer()
const io = new Server(server)
io.engine.use(checkAuthToken)
io.engine.on('connection', (connection) => {
  const { auth } = connection.request
  const timer = setTimeout(() => connection.close(true), Math.min(auth.expiresAt * 1000 - Date.now(), 2 ** 31 - 1))
  connection.on('close', () => clearTimeout(timer))
})
io.on('connection', (socket) => {
  socket.on('caller', (answer) => {
    // What a client sends decides whether there is a function, and an exception here would end the process.
    if (typeof answer === 'function') answer({ client: socket.request.auth.clientId })
  })
})
server.listen(process.env.PORT)
