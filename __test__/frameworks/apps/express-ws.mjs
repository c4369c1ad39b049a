import { checkAuthToken } from 'entra-jwt-verify'
import express from 'express'
import expressWs from 'express-ws'

const { app, getWss } = expressWs(express())
// A frame that is malformed is an error of the connection. Rejected clients can send one too.
getWss().on('connection', (socket) => socket.on('error', () => socket.terminate()))
app.use(checkAuthToken)
app.ws('/', (socket, req) => {
  const expires = req.auth.expiresAt * 1000
  const end = () => {
    socket.close(1008, 'token expired')
    setTimeout(() => socket.terminate(), 1000)
  }
  const timer = setTimeout(end, Math.min(expires - Date.now(), 2 ** 31 - 1))
  socket.on('close', () => clearTimeout(timer))
  socket.on('message', (message) => {
    if (Date.now() < expires) socket.send(message)
  })
  socket.send(JSON.stringify({ client: req.auth.clientId }))
})
app.listen(process.env.PORT)
