// An API that is one function of a fetch request.
//
//   node examples/fetch/node.mjs
//   bun examples/fetch/handler.mjs
//   deno serve --allow-env --allow-read --allow-sys --allow-ffi --port 3000 examples/fetch/handler.mjs
//
// Configured by ENTRA_TENANT_ID and ENTRA_CLIENT_ID.
import { requireRole, withAuth } from 'entra-jwt-verify/fetch'

/** By method and path. A handler in `withAuth` is only called with a verified token. */
const ROUTES = {
  'GET /health': () => new Response('ok'),
  'GET /tasks': withAuth((_request, auth) => Response.json({ caller: auth.clientId, roles: auth.roles })),
  'POST /tasks': withAuth(
    async (request, auth) => Response.json({ by: auth.clientId, task: await request.json() }, { status: 201 }),
    [requireRole('Task.Write')]
  )
}

const notFound = () => new Response('Not Found', { status: 404 })

export function handler(request) {
  const route = `${request.method} ${new URL(request.url).pathname}`
  return (Object.hasOwn(ROUTES, route) ? ROUTES[route] : notFound)(request)
}

// For Bun and Deno.
export default { fetch: handler }
