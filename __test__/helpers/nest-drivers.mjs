// Drivers of the adapter contract for Nest on Express and on Fastify.
import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common'
import { APP_GUARD } from '@nestjs/core'
import {
  Auth,
  ClaimsChallenge,
  EntraAuthGuard,
  EntraAuthModule,
  RequireRole,
  RequireScope,
  RequireScopeOrRole
} from 'entra-jwt-verify/nest'
import { CLAIMS, ORIGIN } from './adapter-contract.mjs'
import { decorated, listening, moduleOf, platforms } from './nest-app.mjs'

/** @import { Driver } from './adapter-contract.mjs' */

const later = () => new Promise((resolve) => setTimeout(resolve, 5))

const boom = () => {
  throw new Error('boom')
}

class Routes {
  root(auth) {
    return { client: auth?.clientId ?? null }
  }
  role(auth) {
    return this.root(auth)
  }
  scope(auth) {
    return this.root(auth)
  }
  either(auth) {
    return this.root(auth)
  }
  challenge(auth) {
    return this.root(auth)
  }
  throws() {
    boom()
  }
  throwsLater() {
    return later().then(boom)
  }
  echo(body, auth) {
    return { body, ...this.root(auth) }
  }
}
decorated(Routes, {
  on: [Controller()],
  methods: {
    root: [Get('/')],
    role: [Get('role'), RequireRole('Task.Read')],
    scope: [Get('scope'), RequireScope('Task.Read')],
    either: [Get('either'), RequireScopeOrRole({ scopes: ['Task.Read'], roles: ['Task.Read.All'] })],
    challenge: [Get('challenge'), ClaimsChallenge(CLAIMS)],
    throws: [Get('throws')],
    throwsLater: [Get('throws-later')],
    echo: [Post('echo'), HttpCode(200)]
  },
  parameters: {
    root: [Auth()],
    role: [Auth()],
    scope: [Auth()],
    either: [Auth()],
    challenge: [Auth()],
    echo: [Body(), Auth()]
  }
})

function answer(error, response) {
  const text = `application: ${error.code}`
  if (typeof response.setHeader === 'function') {
    response.statusCode = 418
    response.end(text)
  } else response.code(418).send(text)
}

/** @returns {Driver} */
const driverFor = (name, platform, Adapter) => ({
  name,
  start: ({ options, cors }) => {
    const module = moduleOf({
      imports: [EntraAuthModule.forRoot(options)],
      controllers: [Routes],
      providers: [{ provide: APP_GUARD, useExisting: EntraAuthGuard }]
    })
    return listening(module, Adapter, (app) => {
      if (cors !== undefined) app.enableCors({ origin: ORIGIN })
      // On Fastify it is 1 MB already.
      if (platform === 'Express') app.useBodyParser('json', { limit: '1mb' })
    })
  },
  frameworkErrors: {
    checkRejected: (t, { body }, { status, message }) => t.like(JSON.parse(body), { statusCode: status, message }),
    checkThrown: (t, { status, body }) =>
      t.deepEqual([status, JSON.parse(body)], [500, { statusCode: 500, message: 'Internal server error' }])
  },
  functions: {
    answers: (error, _request, response) => answer(error, response),
    answersLater: async (error, _request, response) => {
      await later()
      answer(error, response)
    },
    throws: boom,
    rejects: () => later().then(boom),
    handsOn: (_error, _request, _response, next) => next()
  },
  skip: {
    'CORS behind: a preflight has no token and is rejected, and nothing is exposed':
      'CORS behind guards; Nest has it in front of all of them',
    'without the middleware in front, a guard rejects every request':
      'guards without EntraAuthModule; Nest does not start such an application'
  }
})

export const drivers = Object.entries(platforms).map(([platform, Adapter]) =>
  driverFor(`Nest on ${platform}`, platform, Adapter)
)

class FastifyOverHttp2 extends platforms.Fastify {
  constructor() {
    super({ http2: true })
  }
}

export const overHttp2 = driverFor('Nest on Fastify over HTTP/2', 'Fastify', FastifyOverHttp2)
