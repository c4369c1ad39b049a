import { checkAuthToken } from 'entra-jwt-verify'
import express from 'express'
import expressWs from 'express-ws'

const { app } = expressWs(express())
app.use(checkAuthToken)
app.ws('/', (socket, req) => {
  socket.send(JSON.stringify({ client: req.auth.clientId }))
})
app.listen(process.env.PORT)
