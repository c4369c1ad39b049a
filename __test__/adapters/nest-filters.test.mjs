// Refusals under the exception filters that applications have: on Express and on Fastify the status and the challenge are sent,
// whatever a filter does, and a filter finds an exception of Nest's that says why.
import {
  Catch,
  Controller,
  ForbiddenException,
  Get,
  HttpException,
  InternalServerErrorException,
  ServiceUnavailableException,
  UnauthorizedException,
  UseFilters
} from '@nestjs/common'
import { APP_FILTER, APP_GUARD, BaseExceptionFilter } from '@nestjs/core'
import test from 'ava'
import { AuthError, EntraAuthGuard, EntraAuthModule, RequireRole } from 'entra-jwt-verify/nest'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import { parseChallenge } from '../helpers/challenge.mjs'
import { decorated, moduleOf, platforms, served } from '../helpers/nest-app.mjs'
import { optionsFor } from '../helpers/start.mjs'

let authority
test.before(async () => {
  authority = await startTestAuthority({ quiet: true })
})
test.after.always(() => authority.close())

class Api {
  root() {
    return 'handler'
  }
  role() {
    return 'handler'
  }
}
decorated(Api, { on: [Controller()], methods: { root: [Get()], role: [Get('role'), RequireRole('A')] } })

const send = (response, body) => (response.json ?? response.send).call(response, body)

/** What people write, by what it catches. Each but the last two answers with the status that it finds. */
const filters = {
  'catches HttpException, as the documentation has it': [
    HttpException,
    (exception, host) => {
      const response = host.switchToHttp().getResponse()
      const request = host.switchToHttp().getRequest()
      const statusCode = exception.getStatus()
      send(response.status(statusCode), { statusCode, path: request.url })
    }
  ],
  'catches everything': [
    undefined,
    (exception, host) => {
      const statusCode = exception instanceof HttpException ? exception.getStatus() : 500
      send(host.switchToHttp().getResponse().status(statusCode), { statusCode, message: exception.message })
    }
  ],
  'spreads the body': [
    HttpException,
    (exception, host) => {
      const body = exception.getResponse()
      const response = host.switchToHttp().getResponse().status(exception.getStatus())
      send(response, { ...(typeof body === 'string' ? { message: body } : body), path: '/' })
    }
  ],
  'sends the body': [
    HttpException,
    (exception, host) => send(host.switchToHttp().getResponse().status(exception.getStatus()), exception.getResponse())
  ],
  'knows only status codes of errors': [
    undefined,
    (exception, host) =>
      send(
        host
          .switchToHttp()
          .getResponse()
          .status(exception.statusCode ?? 500),
        'refused'
      )
  ],
  'sets no status': [undefined, (_exception, host) => send(host.switchToHttp().getResponse(), { refused: true })]
}

/** A filter class of its own for each application. */
function filter([caught, implementation]) {
  const type = class {
    catch(exception, host) {
      return implementation(exception, host)
    }
  }
  return decorated(type, { on: [caught === undefined ? Catch() : Catch(caught)] })
}

function application(t, { providers = [], controllers = [Api], ...options }, rest) {
  const module = moduleOf({
    imports: [EntraAuthModule.forRoot({ ...optionsFor(authority), logger: false, ...options })],
    controllers,
    providers: [{ provide: APP_GUARD, useExisting: EntraAuthGuard }, ...providers]
  })
  return served(t, module, rest)
}

/** A request and the status of its refusal, by the option `responses`. */
const rows = () => [
  ['/', undefined, { classic: 401, rfc6750: 401, next: 401 }],
  ['/', `Bearer ${authority.issueToken({ expiresIn: -1 })}`, { classic: 401, rfc6750: 401, next: 401 }],
  ['/', 'Bearer token', { classic: 500, rfc6750: 401, next: 401 }],
  ['/role', `Bearer ${authority.issueToken()}`, { classic: 403, rfc6750: 403, next: 403 }]
]

for (const [platform, Adapter] of Object.entries(platforms)) {
  for (const [name, definition] of Object.entries(filters)) {
    test(`${platform}: a filter that ${name}`, async (t) => {
      for (const responses of ['classic', 'rfc6750', 'next']) {
        const type = filter(definition)
        const decoratedApi = decorated(class extends Api {}, { on: [UseFilters(type), Controller()] })
        for (const [how, rest] of [
          [{ providers: [{ provide: APP_FILTER, useClass: type }] }],
          [{}, { prepare: (app) => app.useGlobalFilters(new type()) }],
          [{ controllers: [decoratedApi] }]
        ]) {
          const request = await application(t, { responses, ...how }, { Adapter, ...rest })
          for (const [path, authorization, statuses] of rows()) {
            const answer = await request(path, authorization)
            const about = `${responses} ${path} ${authorization?.slice(0, 12)}`
            t.is(answer.status, statuses[responses], about)
            t.not(answer.body, 'handler')
            if (answer.status < 500) parseChallenge(answer.headers.get('www-authenticate'))
            t.false(answer.body.includes('stack') || answer.body.includes('.js'), answer.body)
          }
          t.is((await request('/', `Bearer ${authority.issueToken()}`)).body, 'handler')
        }
      }
    })
  }

  test(`${platform}: a filter that inherits Nest's own sends what it sends`, async (t) => {
    const request = await application(
      t,
      {},
      {
        Adapter,
        prepare: (app) => app.useGlobalFilters(new (filterOfNest())(app.getHttpAdapter()))
      }
    )
    const answer = await request('/')
    t.deepEqual([answer.status, answer.body], [401, 'Unauthorized'])
    t.is(answer.headers.get('content-type'), 'text/plain; charset=utf-8')
  })

  test(`${platform}: an outage is 503 with Retry-After under a filter of the application, and is logged`, async (t) => {
    const errors = []
    const own = await startTestAuthority({ quiet: true })
    t.teardown(() => own.close())
    await own.stop()
    const logger = { error: (...parts) => errors.push(parts) }
    const type = filter(filters['catches everything'])
    const providers = [{ provide: APP_FILTER, useClass: type }]
    const request = await application(t, { ...optionsFor(own), responses: 'next', logger, providers }, { Adapter })
    const answer = await request('/', `Bearer ${own.issueToken()}`)
    t.is(answer.status, 503)
    t.regex(answer.headers.get('retry-after'), /^[1-9]\d*$/)
    t.deepEqual(JSON.parse(answer.body), { statusCode: 503, message: 'Service Unavailable' })
    t.is(errors[0][1].code, 'ERR_KEYS_UNAVAILABLE')
  })
}

function filterOfNest() {
  return decorated(class extends BaseExceptionFilter {}, { on: [Catch()] })
}

/** The exceptions that a filter is given for requests. */
async function exceptions(t, options, requests) {
  const caught = []
  const request = await application(t, options, {
    prepare: (app) =>
      app.useGlobalFilters(
        new (filter([
          undefined,
          (exception, host) => {
            caught.push(exception)
            host.switchToHttp().getResponse().end()
          }
        ]))()
      )
  })
  for (const [path, authorization] of requests) await request(path, authorization)
  return caught
}

test("the exceptions are Nest's own, with the AuthError as their cause and no stack of a bad token", async (t) => {
  for (const [responses, missing, expired] of [
    [
      'classic',
      { statusCode: 401, message: 'Unauthorized' },
      { statusCode: 401, message: 'Either token has expired, or wrong audience' }
    ],
    ['rfc6750', { error: 'unauthorized' }, { error: 'invalid_token', error_description: 'jwt expired' }],
    [
      'next',
      { statusCode: 401, message: 'no bearer token', error: 'Unauthorized' },
      { statusCode: 401, message: 'jwt expired', error: 'Unauthorized' }
    ]
  ]) {
    const [one, two, role] = await exceptions(t, { responses }, [rows()[0], rows()[1], rows()[3]])
    for (const [exception, type, status, code] of [
      [one, UnauthorizedException, 401, 'ERR_TOKEN_MISSING'],
      [two, UnauthorizedException, 401, 'ERR_TOKEN_EXPIRED'],
      [role, ForbiddenException, 403, 'ERR_TOKEN_POLICY']
    ]) {
      t.true(exception instanceof type)
      t.is(exception.getStatus(), status)
      t.true(exception.cause instanceof AuthError)
      t.is(exception.cause.code, code)
      t.regex(exception.headers['WWW-Authenticate'], /^Bearer/)
      t.false(String(exception.stack).includes('\n'))
    }
    t.deepEqual(JSON.parse(JSON.stringify(one.getResponse())), missing)
    t.deepEqual(JSON.parse(JSON.stringify(two.getResponse())), expired)
    t.deepEqual({ ...two.getResponse() }, expired)
  }
})

test('exceptions from 500 on say no more than their answer', async (t) => {
  const getToken = () => {
    throw new Error('secret')
  }
  for (const [responses, type, message] of [
    ['classic', InternalServerErrorException, 'Internal Server Error, internal error'],
    ['rfc6750', InternalServerErrorException, '{"error":"server_error","error_description":"internal error"}'],
    ['next', InternalServerErrorException, 'Internal Server Error']
  ]) {
    const [exception] = await exceptions(t, { responses, getToken }, [['/']])
    t.true(exception instanceof type)
    t.is(exception.message, message)
    t.false(JSON.stringify(exception.getResponse()).includes('secret'))
    t.is(exception.cause.cause.message, 'secret')
  }
  const own = await startTestAuthority({ quiet: true })
  t.teardown(() => own.close())
  await own.stop()
  const [outage] = await exceptions(t, { ...optionsFor(own), responses: 'rfc6750' }, [
    ['/', `Bearer ${own.issueToken()}`]
  ])
  t.true(outage instanceof ServiceUnavailableException)
  t.regex(outage.headers['Retry-After'], /^\d+$/)
})

test("a function in responses: what it throws is for the application's filters", async (t) => {
  const thrown = new ForbiddenException({ own: true })
  const responses = (error) => {
    if (error.code === 'ERR_TOKEN_MISSING') throw thrown
    return Promise.reject(thrown)
  }
  const caught = await exceptions(t, { responses }, [['/'], ['/', 'Bearer token']])
  t.deepEqual(caught, [thrown, thrown])
  for (const problem of ['text', undefined, 5]) {
    const next = (_error, _request, _response, handOn) => handOn(problem)
    const [exception] = await exceptions(t, { responses: next }, [['/']])
    t.true(exception instanceof UnauthorizedException)
  }
  const other = new Error('other')
  t.deepEqual(await exceptions(t, { responses: (_error, _request, _response, next) => next(other) }, [['/']]), [other])
})
