import { checkAuthToken } from 'entra-jwt-verify'
import express from 'express'
import expressWs from 'express-ws'

const { app } = expressWs(express())
app.use(checkAuthToken)
app.ws('/', (socket, req) => {
  const timer = setTimeout(() => socket.close(1008, 'token expired'), req.auth.expiresAt * 1000 - Date.now())
  socket.on('close', () => clearTimeout(timer))
  socket.send(JSON.stringify({ client: req.auth.clientId }))
})
app.listen(process.env.PORT)
