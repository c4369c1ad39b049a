import { initTRPC } from '@trpc/server'
import { createHTTPServer } from '@trpc/server/adapters/standalone'
import { checkAuthToken } from 'entra-jwt-verify'

const t = initTRPC.context().create()
const router = t.router({
  caller: t.procedure.query(({ ctx }) => ({ client: ctx.auth.clientId }))
})
const server = createHTTPServer({
  middleware: checkAuthToken,
  router,
  createContext: ({ req }) => ({ auth: req.auth })
})
server.listen(process.env.PORT)
