import { createServer } from 'node:http'
import { checkAuthToken } from 'entra-jwt-verify'
import { createApp, eventHandler, fromNodeMiddleware, toNodeListener } from 'h3'

const app = createApp()
app.use(fromNodeMiddleware(checkAuthToken))
app.use(eventHandler((event) => ({ client: event.node.req.auth.clientId })))
createServer(toNodeListener(app)).listen(process.env.PORT)
