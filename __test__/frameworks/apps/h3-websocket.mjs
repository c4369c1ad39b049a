import { createServer } from 'node:http'
import crossws from 'crossws/adapters/node'
import { checkAuthToken } from 'entra-jwt-verify'
import { createApp, createRouter, defineWebSocketHandler, toNodeListener } from 'h3'

const callers = defineWebSocketHandler({
  async upgrade(request) {
    try {
      request.context.auth = await checkAuthToken.verifier.authenticate(request)
    } catch (error) {
      return error.toResponse()
    }
  },
  open(peer) {
    const { clientId, expiresAt } = peer.context.auth
    peer.context.timer = setTimeout(() => peer.terminate(), Math.min(expiresAt * 1000 - Date.now(), 2 ** 31 - 1))
    peer.send(JSON.stringify({ client: clientId }))
  },
  message(peer, message) {
    if (Date.now() < peer.context.auth.expiresAt * 1000) peer.send(message.text())
  },
  close(peer) {
    clearTimeout(peer.context.timer)
  }
})

const app = createApp()
app.use(createRouter().get('/', callers))
const server = createServer(toNodeListener(app))
server.on('upgrade', crossws(app.websocket).handleUpgrade)
server.listen(process.env.PORT)
