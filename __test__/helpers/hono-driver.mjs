// Driver of the adapter contract for Hono 4 under Node.
import { setTimeout as sleep } from 'node:timers/promises'
import { getRequestListener } from '@hono/node-server'
import {
  claimsChallenge,
  createCheckAuthToken,
  requireRole,
  requireScope,
  requireScopeOrRole
} from 'entra-jwt-verify/hono'
import { Hono } from 'hono'
import { cors } from 'hono/cors'
import { CLAIMS, ORIGIN } from './adapter-contract.mjs'
import { listen } from './app.mjs'

/** @import { Driver, Setup } from './adapter-contract.mjs' */

const clientOf = (c) => c.get('auth')?.clientId ?? null

const boom = () => {
  throw new Error('boom')
}
const boomLater = () => sleep(5).then(boom)

/** @param {Setup} setup */
export function application({ options, cors: position }) {
  const app = new Hono()
  if (position === 'before') app.use(cors({ origin: ORIGIN }))
  if (options !== undefined) app.use(createCheckAuthToken(options))
  if (position === 'after') app.use(cors({ origin: ORIGIN }))
  const answer = (c) => c.json({ client: clientOf(c) })
  app.get('/', answer)
  app.get('/role', requireRole('Task.Read'), answer)
  app.get('/scope', requireScope('Task.Read'), answer)
  app.get('/either', requireScopeOrRole({ scopes: ['Task.Read'], roles: ['Task.Read.All'] }), answer)
  app.get('/challenge', claimsChallenge(CLAIMS), answer)
  app.get('/throws', boom)
  app.get('/throws-later', boomLater)
  app.post('/echo', async (c) => c.json({ body: await c.req.json(), client: clientOf(c) }))
  return app
}

const teapot = (error, c) => c.text(`application: ${error.code}`, 418)

/** Hono's own error handler: an error that has a response is answered with it, any other is a 500. */
const ownHandler = {
  checkRejected(t, { body }, { message }) {
    const { error, error_description: description } = JSON.parse(body)
    if (error !== 'unauthorized') t.is(description, message)
  },
  checkThrown: (t, { status, body }) => t.deepEqual([status, body], [500, 'Internal Server Error'])
}

/** @returns {Driver} */
export function driver(name, errorHandling = { frameworkErrors: ownHandler }, serve = listen) {
  const { onError, frameworkErrors } = errorHandling
  return {
    name,
    start(setup) {
      const app = application(setup)
      if (onError) app.onError(onError)
      return serve(getRequestListener(app.fetch))
    },
    frameworkErrors,
    functions: {
      answers: teapot,
      answersLater: (error, c) => sleep(5).then(() => teapot(error, c)),
      throws: boom,
      rejects: boomLater,
      handsOn: () => undefined
    },
    header: (c, header) => c.req.header(header)
  }
}

/** An error handler of the application's, as Hono's documentation has it, for whatever has a response. */
export const ofApplication = {
  onError: (error, c) => (error.getResponse ? error.getResponse() : c.text(`own handler: ${error.message}`, 500)),
  frameworkErrors: {
    ...ownHandler,
    checkThrown: (t, { status, body }) => t.deepEqual([status, body], [500, 'own handler: boom'])
  }
}
