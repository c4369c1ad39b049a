// An application of h3 that counts how often its handler is reached, with the routes of counted-restify.mjs.
import { createServer } from 'node:http'
import { checkAuthToken, createCheckAuthToken, requireGroup, requireRole } from 'entra-jwt-verify'
import { createApp, eventHandler, fromNodeMiddleware, toNodeListener } from 'h3'
import { onOverage, responses } from './counted.mjs'

let reached = 0
const handler = eventHandler(() => {
  reached++
  return {}
})

const app = createApp()
const behind = (path, ...middleware) => {
  for (const one of middleware) app.use(path, fromNodeMiddleware(one))
  app.use(path, handler)
}
app.use(
  '/reached',
  eventHandler(() => ({ reached }))
)
behind('/closed', checkAuthToken)
behind('/own', createCheckAuthToken({ responses, logger: false }))
behind('/group', checkAuthToken, requireGroup('id', { onOverage }))
// Not converted by fromNodeMiddleware: h3 passes its event alone.
app.use('/one-argument', fromNodeMiddleware(checkAuthToken))
app.use('/one-argument', requireRole('Admin'))
app.use('/one-argument', handler)
app.use('/hook-one-argument', eventHandler({ onRequest: [requireRole('Admin')], handler }))
createServer(toNodeListener(app)).listen(process.env.PORT)
