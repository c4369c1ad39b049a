// Driver of the adapter contract for entra-jwt-verify/fetch: a handler of requests, as platforms of fetch call it, under Node.
import { setTimeout as sleep } from 'node:timers/promises'
import { getRequestListener } from '@hono/node-server'
import {
  claimsChallenge,
  createCheckAuthToken,
  requireRole,
  requireScope,
  requireScopeOrRole
} from 'entra-jwt-verify/fetch'
import { CLAIMS, ORIGIN } from './adapter-contract.mjs'
import { listen } from './app.mjs'

/** @import { Driver, Setup } from './adapter-contract.mjs' */

const clientOf = (_request, auth) => Response.json({ client: auth?.clientId ?? null })

const boom = () => {
  throw new Error('boom')
}
const boomLater = () => sleep(5).then(boom)

/** By path: what is called with the request and the verified token, and the guards in front of it. */
const ROUTES = {
  '/': [clientOf],
  '/role': [clientOf, [requireRole('Task.Read')]],
  '/scope': [clientOf, [requireScope('Task.Read')]],
  '/either': [clientOf, [requireScopeOrRole({ scopes: ['Task.Read'], roles: ['Task.Read.All'] })]],
  '/challenge': [clientOf, [claimsChallenge(CLAIMS)]],
  '/throws': [boom],
  '/throws-later': [boomLater],
  '/echo': [async (request, auth) => Response.json({ body: await request.json(), client: auth?.clientId ?? null })]
}

/** The two ways to protect a handler. */
const WAYS = {
  withAuth: ({ withAuth }, handler, guards) => withAuth(handler, guards),
  checkAuthToken: (checkAuthToken, handler, guards) => async (request) => {
    const { auth, response } = await checkAuthToken(request, guards)
    return response ?? handler(request, auth)
  }
}

/**
 * @param {keyof typeof WAYS} way
 * @param {Setup} setup
 */
function application(way, { options, cors }) {
  const checkAuthToken = createCheckAuthToken(options)
  const handlers = Object.entries(ROUTES).map(([path, [handler, guards]]) => [
    path,
    WAYS[way](checkAuthToken, allowing(handler, cors === 'after'), guards)
  ])
  const routes = Object.fromEntries(handlers)
  return allowing((request) => routes[new URL(request.url).pathname](request), cors === 'before')
}

/** CORS is the application's: there is no framework that would set its headers before the handler runs. */
function allowing(handler, isAllowed) {
  if (!isAllowed) return handler
  return async (request, ...rest) => {
    const response =
      request.method === 'OPTIONS' ? new Response(null, { status: 204 }) : await handler(request, ...rest)
    response.headers.set('Access-Control-Allow-Origin', ORIGIN)
    response.headers.set('Access-Control-Expose-Headers', 'WWW-Authenticate')
    return response
  }
}

/** What a platform makes of an exception. */
function errorHandler(error) {
  return new Response(`own handler: ${error.code ?? error.message}`, {
    status: error.status ?? 500,
    headers: error.headers
  })
}

const answer = (error) => new Response(`application: ${error.code}`, { status: 418 })

/** @returns {Driver} */
export function driver(way, name = `fetch, ${way}`, serve = listen) {
  return {
    name,
    start: (setup) => serve(getRequestListener(application(way, setup), { errorHandler })),
    frameworkErrors: {
      checkRejected: (t, { body }, { code }) => t.is(body, `own handler: ${code}`),
      checkThrown: (t, { status, body }) => t.deepEqual([status, body], [500, 'own handler: boom'])
    },
    functions: {
      answers: answer,
      answersLater: (error) => sleep(5).then(() => answer(error)),
      throws: boom,
      rejects: boomLater,
      handsOn: () => undefined
    },
    header: (request, name) => request.headers.get(name) ?? undefined,
    skip: {
      'without the middleware in front, a guard rejects every request':
        'a guard that is called by itself; here they are arguments of checkAuthToken and withAuth'
    }
  }
}
