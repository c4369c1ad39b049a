// Serves the handler under Node.js.
import { serve } from '@hono/node-server'
import { handler } from './handler.mjs'

serve({ fetch: handler, hostname: '127.0.0.1', port: Number(process.env.PORT ?? 3000) }, ({ port }) => {
  console.log(`http://127.0.0.1:${port}`)
})
