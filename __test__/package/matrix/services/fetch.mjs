import entra from 'entra-jwt-verify/fetch'
import { COLD, guardsFrom, OPTIONS, serveFetch } from './serve.mjs'

const { createCheckAuthToken } = entra
const answer = (_request, auth) => Response.json({ client: auth?.clientId ?? null })

const { withAuth } = createCheckAuthToken(OPTIONS)
const routes = { '/': withAuth(answer) }
for (const [path, guard] of Object.entries(guardsFrom(entra))) routes[path] = withAuth(answer, [guard])
for (const [index, options] of COLD.entries()) {
  const checkAuthToken = createCheckAuthToken(options)
  routes[`/cold/${index}`] = async (request) => {
    const { auth, response } = await checkAuthToken(request)
    return response ?? answer(request, auth)
  }
}
await serveFetch((request) => routes[new URL(request.url).pathname](request))
