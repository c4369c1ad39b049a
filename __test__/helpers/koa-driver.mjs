// Drivers of the adapter contract for Koa 3 and Koa 2.
import { text } from 'node:stream/consumers'
import cors from '@koa/cors'
import Router from '@koa/router'
import entra from 'entra-jwt-verify/koa'
import Koa3 from 'koa'
import Koa2 from 'koa2'
import { guardsFrom, ORIGIN } from './adapter-contract.mjs'
import { listen, listenHttp2 } from './app.mjs'

/** @import { Driver } from './adapter-contract.mjs' */

const { createCheckAuthToken } = entra

const GUARDS = guardsFrom(entra)

const boom = () => {
  throw new Error('boom')
}

const later = () => new Promise((resolve) => setTimeout(resolve, 5))

const sayClient = (ctx) => {
  ctx.body = { client: ctx.state.auth?.clientId ?? null }
}

function application(Koa, { options, cors: position }) {
  const app = new Koa()
  // Koa prints errors to which nothing listens.
  app.silent = true
  if (position === 'before') app.use(cors({ origin: ORIGIN }))
  if (options !== undefined) app.use(createCheckAuthToken(options))
  if (position === 'after') app.use(cors({ origin: ORIGIN }))
  const router = new Router()
  router.get('/', sayClient)
  for (const [path, guard] of Object.entries(GUARDS)) router.get(path, guard, sayClient)
  router.get('/throws', boom)
  router.get('/throws-later', () => later().then(boom))
  router.post('/echo', async (ctx) => {
    ctx.body = { body: JSON.parse(await text(ctx.req)), client: ctx.state.auth?.clientId ?? null }
  })
  return app.use(router.routes()).callback()
}

function answer(error, ctx) {
  ctx.status = 418
  ctx.body = `application: ${error.code}`
}

/** @returns {Driver} */
const driverFor = (name, Koa, serve = listen) => ({
  name,
  start: (setup) => serve(application(Koa, setup)),
  frameworkErrors: {
    keepsCors: true,
    checkRejected: (t, { body }, { message }) => t.is(body, message),
    checkThrown: (t, { status, body }) => t.deepEqual([status, body], [500, 'Internal Server Error'])
  },
  functions: {
    answers: answer,
    answersLater: (error, ctx) => later().then(() => answer(error, ctx)),
    throws: boom,
    rejects: () => later().then(boom),
    handsOn: (_error, _ctx, next) => next()
  }
})

/** @type {Driver[]} */
export const drivers = [driverFor('Koa 3', Koa3), driverFor('Koa 2', Koa2)]

export const overHttp2 = driverFor('Koa 3 over HTTP/2', Koa3, listenHttp2)
