// How decorators of handlers and classes combine under Nest: what is public, what is required, and what is a mistake.
import { Controller, Get, Inject, Injectable, Scope, UseGuards, UseInterceptors } from '@nestjs/common'
import { APP_GUARD, REQUEST } from '@nestjs/core'
import test from 'ava'
import {
  Auth,
  EntraAuthGuard,
  EntraAuthModule,
  EntraVerifier,
  Public,
  RequireAppOnly,
  RequireAuthContext,
  RequireClient,
  RequireDelegated,
  RequireGroup,
  RequireRole,
  RequireScope
} from 'entra-jwt-verify/nest'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import sinon from 'sinon'
import { decorated, moduleOf, served } from '../helpers/nest-app.mjs'
import { optionsFor } from '../helpers/start.mjs'

let authority
let good
const none = undefined
test.before(async () => {
  authority = await startTestAuthority({ quiet: true })
  good = `Bearer ${authority.issueToken()}`
})
test.after.always(() => authority.close())

/** Mistakes are logged there, at most one a second. */
const logged = sinon.stub(console, 'error')

const bearer = (overrides) => `Bearer ${authority.issueToken(overrides)}`

/** A controller with one handler a method, each at the path of its name, which answers with the caller. */
function controller(handlers, { on = [], base = Object, path = '' } = {}) {
  const type = class extends base {}
  for (const name of Object.keys(handlers)) {
    Object.defineProperty(type.prototype, name, {
      value: { [name]: (auth) => ({ client: auth?.clientId ?? null }) }[name],
      configurable: true,
      writable: true
    })
  }
  return decorated(type, {
    on: [...on, Controller(path)],
    methods: Object.fromEntries(
      Object.entries(handlers).map(([name, decorators]) => [name, [Get(name), ...decorators]])
    ),
    parameters: Object.fromEntries(Object.keys(handlers).map((name) => [name, [Auth()]]))
  })
}

/** An application with the guard in front of every handler, unless it says otherwise. */
function application(t, controllers, { guard = { useExisting: EntraAuthGuard }, prepare, ...options } = {}) {
  const module = moduleOf({
    imports: [EntraAuthModule.forRoot({ ...optionsFor(authority), logger: false, ...options })],
    controllers: [controllers].flat(),
    providers: guard ? [{ provide: APP_GUARD, ...guard }] : []
  })
  return served(t, module, { prepare })
}

/** Asserts which requests each path answers with 200, 401 or 403. */
async function check(t, send, rows) {
  for (const [path, ...expected] of rows) {
    for (const [index, authorization] of [
      none,
      good,
      bearer({ roles: ['A'] }),
      bearer({ roles: ['A', 'B'] })
    ].entries()) {
      t.is((await send(path, authorization)).status, expected[index], `${path} ${index}`)
    }
  }
}

test('behind APP_GUARD every handler wants a token but the public ones', async (t) => {
  const send = await application(t, [
    controller({ closed: [], open: [Public()] }),
    controller({ handler: [] }, { on: [Public()], path: 'all' })
  ])
  await check(t, send, [
    ['/closed', 401, 200, 200, 200],
    ['/open', 200, 200, 200, 200],
    ['/all/handler', 200, 200, 200, 200]
  ])
  // A bad token is not even looked at.
  t.deepEqual(await send('/open', 'Bearer token').then(({ status, body }) => [status, body]), [200, '{"client":null}'])
  t.is(JSON.parse((await send('/closed', good)).body).client, authority.client.clientId)
})

test('without APP_GUARD a requirement brings its guard, and other handlers stay open', async (t) => {
  const send = await application(
    t,
    [
      controller({ open: [], role: [RequireRole('A')], guarded: [UseGuards(EntraAuthGuard)] }),
      controller({ one: [], other: [RequireRole('B')] }, { on: [RequireRole('A')], path: 'class' })
    ],
    { guard: null }
  )
  await check(t, send, [
    ['/open', 200, 200, 200, 200],
    ['/role', 401, 403, 200, 200],
    ['/guarded', 401, 200, 200, 200],
    ['/class/one', 401, 403, 200, 200],
    ['/class/other', 401, 403, 403, 200]
  ])
})

test('requirements of class and handler all hold, however many there are', async (t) => {
  const send = await application(t, [
    controller({ own: [], both: [RequireRole('B')] }, { on: [RequireRole('A')], path: 'class' }),
    controller({ two: [RequireRole('A'), RequireRole('B')], any: [RequireRole('A', 'B')] }),
    controller({ two: [] }, { on: [RequireRole('A'), RequireRole('B')], path: 'stacked' })
  ])
  await check(t, send, [
    ['/class/own', 401, 403, 200, 200],
    ['/class/both', 401, 403, 403, 200],
    ['/two', 401, 403, 403, 200],
    ['/any', 401, 403, 200, 200],
    ['/stacked/two', 401, 403, 403, 200]
  ])
})

test('what stands nearer to the handler decides whether it is public', async (t) => {
  const send = await application(t, [
    controller(
      { open: [], role: [RequireRole('A')], guarded: [UseGuards(EntraAuthGuard)] },
      { on: [Public()], path: 'open' }
    ),
    controller({ closed: [], open: [Public()] }, { on: [RequireRole('A')], path: 'closed' })
  ])
  await check(t, send, [
    ['/open/open', 200, 200, 200, 200],
    ['/open/role', 401, 403, 200, 200],
    ['/open/guarded', 401, 200, 200, 200],
    ['/closed/closed', 401, 403, 200, 200],
    ['/closed/open', 200, 200, 200, 200]
  ])
})

test('a class inherits what its base requires, and decides for itself whether it is public', async (t) => {
  const closed = controller({ handler: [] }, { on: [RequireRole('A')], path: 'base' })
  const open = controller({ handler: [] }, { on: [Public()], path: 'open' })
  const inherits = (base, path, ...on) => decorated(class extends base {}, { on: [...on, Controller(path)] })
  const send = await application(t, [
    closed,
    open,
    inherits(closed, 'same'),
    inherits(closed, 'more', RequireRole('B')),
    inherits(open, 'still-open'),
    inherits(open, 'closed-again', RequireRole('A')),
    inherits(closed, 'opened', Public())
  ])
  await check(t, send, [
    ['/same/handler', 401, 403, 200, 200],
    ['/more/handler', 401, 403, 403, 200],
    ['/base/handler', 401, 403, 200, 200],
    ['/still-open/handler', 200, 200, 200, 200],
    ['/closed-again/handler', 401, 403, 200, 200],
    ['/opened/handler', 200, 200, 200, 200]
  ])
})

test('an override of a method with a requirement needs a decorator of its own, or it is closed', async (t) => {
  const base = controller({ handler: [RequireRole('A')], plain: [] }, { path: 'base' })
  const override = (path, ...own) => controller({ handler: own, plain: [] }, { base, path })
  const between = override('between', RequireRole('B'))
  const inherits = decorated(class extends between {}, { on: [Controller('inherits')] })
  const controllers = [
    base,
    between,
    inherits,
    override('none'),
    override('public', Public()),
    override('guarded', UseGuards(EntraAuthGuard)),
    controller({ handler: [] }, { base, path: 'class', on: [RequireRole('B')] })
  ]
  for (const [guard, plain] of [
    [{ useExisting: EntraAuthGuard }, 401],
    [null, 200]
  ]) {
    const send = await application(t, controllers, { guard })
    await check(t, send, [
      ['/base/handler', 401, 403, 200, 200],
      ['/between/handler', 401, 403, 403, 200],
      ['/inherits/handler', 401, 403, 403, 200],
      ['/none/handler', 500, 500, 500, 500],
      ['/public/handler', 200, 200, 200, 200],
      ['/guarded/handler', 401, 200, 200, 200],
      ['/class/handler', 500, 500, 500, 500],
      ['/none/plain', plain, 200, 200, 200]
    ])
  }
})

test('@Public() and a requirement in the same place are a mistake, in either order', (t) => {
  const mistake = { code: 'ERR_CONFIG', message: /@Public\(\) stands in the same place/ }
  t.throws(() => controller({ handler: [Public(), RequireRole('A')] }), mistake)
  t.throws(() => controller({ handler: [RequireRole('A'), Public()] }), mistake)
  t.throws(() => controller({ handler: [] }, { on: [Public(), RequireScope('A')] }), mistake)
  t.throws(() => controller({ handler: [] }, { on: [RequireScope('A'), Public()] }), mistake)
})

test('@Public() and @UseGuards(EntraAuthGuard) in the same place: no request gets through', async (t) => {
  for (const guard of [{ useExisting: EntraAuthGuard }, null]) {
    const send = await application(
      t,
      [
        controller({ handler: [Public(), UseGuards(EntraAuthGuard)], open: [Public()] }),
        controller({ handler: [] }, { on: [UseGuards(class extends EntraAuthGuard {}), Public()], path: 'class' })
      ],
      { guard }
    )
    await check(t, send, [
      ['/handler', 500, 500, 500, 500],
      ['/class/handler', 500, 500, 500, 500],
      ['/open', 200, 200, 200, 200]
    ])
  }
})

test.serial(
  'a requirement that another decorator has removed from the method closes the handler, and says so',
  async (t) => {
    /** As decorators that trace or cache do it. */
    const replace = (_target, name, descriptor) => {
      const { value } = descriptor
      return { ...descriptor, value: { [name]: (...given) => value(...given) }[name] }
    }
    for (const guard of [{ useExisting: EntraAuthGuard }, null]) {
      const send = await application(
        t,
        controller({
          lost: [replace, RequireRole('A')],
          half: [RequireRole('A'), replace, RequireRole('B')],
          kept: [RequireRole('A'), replace],
          open: [Public()]
        }),
        { guard }
      )
      await check(t, send, [
        ['/lost', 500, 500, 500, 500],
        ['/half', 500, 500, 500, 500],
        ['/kept', 401, 403, 200, 200],
        ['/open', 200, 200, 200, 200]
      ])
    }
    const [[, { message, hint }]] = logged.args
    t.regex(message, /\.lost: a decorator replaced the method/)
    t.regex(hint, /above all decorators that replace the method/)
  }
)

test('a method that the instance replaces keeps its requirement, or it is closed', async (t) => {
  const replacements = {
    bound: (method, instance) => method.bind(instance),
    twice: (method, instance) => method.bind(instance).bind(instance),
    renamed: (method) =>
      function (...given) {
        return method.apply(this, given)
      },
    proxied: (method) => new Proxy(method, {}),
    /** As libraries for aspects do it. */
    inheriting: (method) => Object.setPrototypeOf((...given) => method(...given), method),
    copied: (method) => {
      const wrapper = (...given) => method(...given)
      for (const key of Reflect.getMetadataKeys(method)) {
        Reflect.defineMetadata(key, Reflect.getMetadata(key, method), wrapper)
      }
      return wrapper
    }
  }
  const names = Object.keys(replacements)
  const replacing = (path, handlers, from = {}) => {
    const type = controller(handlers, { path, ...from })
    return class extends type {
      constructor() {
        super()
        for (const name of names) this[name] = replacements[name](this[name], this)
      }
    }
  }
  const everyOne = (...own) => Object.fromEntries(names.map((name) => [name, own]))
  const required = controller(everyOne(RequireRole('A')), { path: 'base' })
  const own = (type, path) => decorated(type, { on: [Controller(path)] })
  const controllers = [
    own(replacing('', everyOne(RequireRole('A'))), 'required'),
    own(replacing('', { ...everyOne(), other: [RequireRole('A')] }), 'plain'),
    own(replacing('', everyOne(), { base: required }), 'override')
  ]
  for (const [guard, plain] of [
    [{ useExisting: EntraAuthGuard }, 401],
    [null, 200]
  ]) {
    const send = await application(t, controllers, { guard })
    const closed = [500, 500, 500, 500]
    await check(t, send, [
      ...['bound', 'twice', 'renamed', 'proxied'].map((name) => [`/required/${name}`, ...closed]),
      ...['inheriting', 'copied'].map((name) => [`/required/${name}`, 401, 403, 200, 200]),
      ...['bound', 'twice', 'proxied', 'inheriting'].map((name) => [`/plain/${name}`, plain, 200, 200, 200]),
      // It might be any method of the class.
      ['/plain/renamed', ...closed],
      ...names.map((name) => [`/override/${name}`, ...closed])
    ])
  }
})

test('a decorator where it has no effect is a mistake', (t) => {
  const mistake = { code: 'ERR_CONFIG' }
  const type = class {}
  t.throws(() => RequireRole('A')(type.prototype, 'property'), mistake)
  t.throws(() => Public()(type.prototype, 'property'), mistake)
  t.throws(() => RequireRole('A')(type.prototype, 'accessor', { get: () => 1 }), mistake)
  const bare = (name) => ({ ...mistake, message: `${name} is used without parentheses` })
  t.is(t.throws(() => Public(type), bare('@Public')).hint, 'write @Public()')
  for (const target of [type, type.prototype]) {
    t.is(t.throws(() => Auth(target, 'handler', 0), bare('@Auth')).hint, 'write @Auth()')
  }
  for (const given of ['role', 'hasRole', 'constructor', '', null, {}, ['roles']]) {
    t.throws(
      () => Auth(given),
      { ...mistake, message: /^@Auth: expected a property of VerifiedToken, got / },
      String(given)
    )
  }
  const descriptor = { value: () => 1 }
  for (const [decorator, hint] of [
    [RequireRole, 'write @RequireRole(…)'],
    [RequireGroup, 'write @RequireGroup(…)'],
    [RequireAppOnly, 'write @RequireAppOnly()']
  ]) {
    t.is(t.throws(() => decorator(type), mistake).hint, hint)
    t.is(t.throws(() => decorator(type.prototype, 'handler', descriptor), mistake).hint, hint)
  }
  for (const [decorator, ...given] of [
    [RequireRole],
    [RequireScope],
    [RequireScope, 'api://id/Task.Read'],
    [RequireClient, ''],
    [RequireGroup],
    [RequireAuthContext, 'acrs'],
    [RequireAppOnly, type],
    [RequireDelegated, type]
  ]) {
    t.throws(() => decorator(...given), mistake)
  }
})

test('every other requirement', async (t) => {
  const group = crypto.randomUUID()
  const send = await application(
    t,
    controller({
      client: [RequireClient(authority.client.clientId)],
      another: [RequireClient(crypto.randomUUID())],
      group: [RequireGroup(group)],
      context: [RequireAuthContext('c1')],
      app: [RequireAppOnly()],
      user: [RequireDelegated()]
    })
  )
  const user = bearer({ scopes: ['Task.Read'], claims: { groups: [group], acrs: ['c1'] } })
  for (const [path, ofApp, ofUser] of [
    ['/client', 200, 200],
    ['/another', 403, 403],
    ['/group', 403, 200],
    ['/context', 403, 200],
    ['/app', 200, 403],
    ['/user', 403, 200]
  ]) {
    t.deepEqual([(await send(path, good)).status, (await send(path, user)).status], [ofApp, ofUser], path)
    t.is((await send(path)).status, 401, path)
  }
})

test('a requirement that the application decides is asked once, though there are two guards', async (t) => {
  let asked = 0
  const answers = { yes: true, no: false, truthy: 'yes' }
  const onOverage = async ({ claims }) => {
    asked++
    if (claims.answer === 'throws') throw new Error('Graph is down')
    return answers[claims.answer]
  }
  const group = crypto.randomUUID()
  const send = await application(t, controller({ group: [RequireRole('A'), RequireGroup(group, { onOverage })] }))
  const overage = (answer, roles = ['A']) =>
    bearer({ scopes: ['Task.Read'], roles, claims: { hasgroups: true, answer } })
  for (const [authorization, status, times] of [
    [overage('yes'), 200, 1],
    [overage('no'), 403, 1],
    [overage('truthy'), 403, 1],
    [overage('throws'), 500, 1],
    // A requirement after it is not forgotten.
    [overage('yes', ['B']), 403, undefined]
  ]) {
    asked = 0
    t.is((await send('/group', authorization)).status, status)
    if (times !== undefined) t.is(asked, times)
  }
})

test('a request is verified once, though there are two guards', async (t) => {
  const own = await startTestAuthority({ quiet: true })
  t.teardown(() => own.close())
  const send = await application(t, controller({ role: [RequireRole('A')] }), optionsFor(own))
  const authorization = `Bearer ${own.issueToken({ roles: ['A'] })}`
  for (const expected of [
    { hits: 0, misses: 1 },
    { hits: 1, misses: 1 }
  ]) {
    t.is((await send('/role', authorization)).status, 200)
    t.like(send.app.get(EntraVerifier).stats().tokenCache, expected)
  }
})

test('a context that is used again with another token is judged again', async (t) => {
  const type = controller({ role: [RequireRole('A')] })
  for (const more of [{}, { getToken: ({ cookie }) => cookie }]) {
    const send = await application(t, type, more)
    const guard = send.app.get(EntraAuthGuard)
    const { ExecutionContextHost } = await import('@nestjs/core/helpers/execution-context-host.js')
    const set = (request, token) => {
      request.headers.authorization = `Bearer ${token}`
      request.cookie = token
    }
    const request = { headers: {} }
    const response = { setHeader() {}, getHeader() {} }
    const context = new ExecutionContextHost([request, response], type, type.prototype.role)
    set(request, authority.issueToken({ roles: ['A'] }))
    t.true(await guard.canActivate(context))
    t.true(await guard.canActivate(context))
    for (const token of [
      authority.issueToken({ roles: ['B'] }),
      authority.issueToken({ roles: ['A'], expiresIn: -1 }),
      ''
    ]) {
      set(request, token)
      await t.throwsAsync(async () => guard.canActivate(context))
    }
  }
})

/** Guards made by Nest, and the contexts of calls, without a request through a server. */
async function made(t, type, options) {
  const send = await application(t, type, options)
  const { ModuleRef } = await import('@nestjs/core')
  const { ExecutionContextHost } = await import('@nestjs/core/helpers/execution-context-host.js')
  const response = { setHeader() {}, getHeader() {} }
  const contextOf = (authorization) => {
    const context = new ExecutionContextHost([{ headers: { authorization } }, response], type, type.prototype.any)
    context.setType('http')
    return context
  }
  return { create: (guard) => send.app.get(ModuleRef).create(guard), contextOf }
}

/** A token whose key has to be fetched first. */
const waiting = () => `Bearer ${authority.issueToken({ header: { kid: `made-up ${Math.random()}` } })}`

const afterwards = () => new Promise(setImmediate)

test('a subclass that takes the promise of the guard for true is noticed, and no call waits from then on', async (t) => {
  const { create, contextOf } = await made(t, controller({ any: [] }), { responses: 'next' })
  for (const first of [good, waiting()]) {
    class Hasty extends EntraAuthGuard {
      canActivate(context) {
        return Boolean(super.canActivate(context))
      }
    }
    const guard = await create(Hasty)
    // What is refused at once is refused.
    t.throws(() => guard.canActivate(contextOf(undefined)), { message: 'no bearer token' })
    t.true(guard.canActivate(contextOf(first)))
    await afterwards()
    t.true(guard.canActivate(contextOf(good)))
    t.throws(() => guard.canActivate(contextOf(undefined)), { message: 'no bearer token' })
    const error = t.throws(() => guard.canActivate(contextOf(waiting())))
    t.deepEqual([error.getStatus(), error.headers], [503, { 'Retry-After': '1' }])
    t.regex(error.cause.message, /^Hasty\.canActivate\(\) is not awaited/)
    t.regex(error.cause.hint, /await super\.canActivate\(context\)/)
  }
})

test('a guard whose promise is not awaited once, though it was before, lets no call wait', async (t) => {
  const { create, contextOf } = await made(t, controller({ any: [] }), { responses: 'next' })
  class Asked extends EntraAuthGuard {}
  const asked = await create(Asked)
  t.true(await asked.canActivate(contextOf(good)))
  t.truthy(asked.canActivate(contextOf(waiting())))
  await afterwards()
  t.is(t.throws(() => asked.canActivate(contextOf(waiting()))).getStatus(), 503)
  t.true(await asked.canActivate(contextOf(good)))
})

test('a guard that awaits the promise, at once or later, is not concerned', async (t) => {
  const { create, contextOf } = await made(t, controller({ any: [] }))
  class Patient extends EntraAuthGuard {
    async canActivate(context) {
      return (await super.canActivate(context)) && true
    }
  }
  class Late extends EntraAuthGuard {
    async canActivate(context) {
      const decided = super.canActivate(context)
      await new Promise((resolve) => setTimeout(resolve, 10))
      return (await decided) && true
    }
  }
  for (const type of [Patient, Late]) {
    const guard = await create(type)
    for (let times = 0; times < 3; times++) {
      t.true(await guard.canActivate(contextOf(good)))
      await afterwards()
      await t.throwsAsync(guard.canActivate(contextOf(undefined)), { message: 'Unauthorized' })
      const error = await t.throwsAsync(guard.canActivate(contextOf(waiting())))
      t.is(error.cause.code, 'ERR_TOKEN_KEY_UNKNOWN')
    }
  }
})

test('a guard that is known to await something else first lets several calls wait', async (t) => {
  class Late extends EntraAuthGuard {
    async canActivate(context) {
      const decided = super.canActivate(context)
      await new Promise((resolve) => setTimeout(resolve, 10))
      return await decided
    }
  }
  const { create, contextOf } = await made(t, controller({ any: [] }), { keys: { cooldown: 1 } })
  const guard = await create(Late)
  // The keys have to be fetched first.
  t.true(await guard.canActivate(contextOf(good)))
  const first = guard.canActivate(contextOf(waiting()))
  await afterwards()
  const second = guard.canActivate(contextOf(waiting()))
  for (const waited of [first, second]) {
    const error = await t.throwsAsync(waited)
    t.is(error.cause.code, 'ERR_TOKEN_KEY_UNKNOWN')
  }
})

test('a promise that is not awaited is logged, and one that is awaited later is not', async (t) => {
  const logger = { error: sinon.fake() }
  const { create, contextOf } = await made(t, controller({ any: [] }), { logger })
  class Late extends EntraAuthGuard {}
  const decided = (await create(Late)).canActivate(contextOf(good))
  await afterwards()
  t.true(await decided)
  class Hasty extends EntraAuthGuard {}
  t.truthy((await create(Hasty)).canActivate(contextOf(good)))
  while (logger.error.callCount === 0) await new Promise((resolve) => setTimeout(resolve, 50))
  t.regex(String(logger.error.args), /Hasty\.canActivate\(\) returned a promise that was not awaited/)
  t.false(String(logger.error.args).includes('Late'))
})

test('where the application answers, a promise that is not awaited admits no second call, and ends no process', async (t) => {
  for (const responses of [
    (_error, _request, response) => response.end?.('no'),
    async () => {},
    (_error, _request, _response, next) => next()
  ]) {
    const { create, contextOf } = await made(t, controller({ any: [] }), { responses })
    class Hasty extends EntraAuthGuard {
      canActivate(context) {
        return Boolean(super.canActivate(context))
      }
    }
    const guard = await create(Hasty)
    guard.canActivate(contextOf(undefined))
    await afterwards()
    for (const authorization of [undefined, waiting(), bearer({ expiresIn: -1 })]) {
      t.throws(() => guard.canActivate(contextOf(authorization)))
      await afterwards()
    }
  }
})

test('each of many calls at once sees its own caller, also where a guard is made for each request', async (t) => {
  class OfRequest extends EntraAuthGuard {
    constructor(request) {
      super()
      this.request = request
    }
    getRequest() {
      return this.request
    }
  }
  decorated(OfRequest, { on: [Injectable({ scope: Scope.REQUEST })] })
  Inject(REQUEST)(OfRequest, undefined, 0)
  class OfHandler extends EntraAuthGuard {
    getRequest(context) {
      const { headers } = context.switchToHttp().getRequest()
      headers.kept ??= { headers }
      return headers.kept
    }
  }
  const slowly = {
    intercept: (_context, next) => new Promise((resolve) => setTimeout(resolve, 20)).then(() => next.handle())
  }
  for (const guard of [{ useClass: OfRequest }, { useClass: OfHandler }]) {
    const send = await application(t, controller({ any: [UseInterceptors(slowly)] }), { guard })
    const clients = Array.from({ length: 6 }, (_, index) => `0000000${index}-0000-4000-8000-000000000000`)
    const answers = await Promise.all(
      clients.map((client) => send('/any', bearer({ claims: { appid: client, azp: client } })))
    )
    t.deepEqual(
      answers.map(({ body }) => JSON.parse(body).client),
      clients
    )
  }
})

test('a guard that looks for its token elsewhere judges that one, also after a global guard', async (t) => {
  class UserTokenGuard extends EntraAuthGuard {
    getRequest(context) {
      const request = context.switchToHttp().getRequest()
      request.ofUser ??= { headers: { authorization: request.headers['x-user-authorization'] } }
      return request.ofUser
    }
  }
  const type = controller({ both: [UseGuards(UserTokenGuard)], role: [RequireRole('A'), UseGuards(UserTokenGuard)] })
  for (const guard of [{ useExisting: EntraAuthGuard }, null]) {
    const send = await application(t, type, { guard })
    const status = async (path, user) =>
      (await send(path, bearer({ roles: ['A'] }), { headers: user && { 'x-user-authorization': user } })).status
    const expected = [401, 401, 200]
    const users = [undefined, bearer({ expiresIn: -1 }), good]
    t.deepEqual(await Promise.all(users.map((user) => status('/both', user))), expected)
    // Each token has to meet the requirements.
    t.deepEqual(
      await Promise.all([...users, bearer({ roles: ['A'] })].map((user) => status('/role', user))),
      [401, 401, 403, 200]
    )
  }
})

test('a guard that asks this one, on a public handler, hears about the token, and others pass', async (t) => {
  class Asking {
    constructor(auth) {
      this.auth = auth
    }
    async canActivate(context) {
      return await this.auth.canActivate(context)
    }
  }
  decorated(Asking, { on: [Injectable()] })
  Inject(EntraAuthGuard)(Asking, undefined, 0)
  const { ExecutionContextHost } = await import('@nestjs/core/helpers/execution-context-host.js')
  class AskingAnew extends Asking {
    canActivate(context) {
      return super.canActivate(new ExecutionContextHost(context.getArgs(), context.getClass(), context.getHandler()))
    }
  }
  decorated(AskingAnew, { on: [Injectable()] })
  /** Does not ask the guard that it inherits from. */
  const skipping = class extends EntraAuthGuard {
    canActivate() {
      return Promise.resolve(true)
    }
  }
  const skipped = controller({ asked: [Public(), UseGuards(Asking)] }, { on: [UseGuards(skipping)], path: 'skipped' })
  const around = controller({ open: [Public()] }, { on: [UseGuards(Asking, EntraAuthGuard)], path: 'around' })
  const source = controller({ asked: [Public(), UseGuards(Asking)] }, { path: 'source' })
  const mixed = class {}
  Object.defineProperty(mixed.prototype, 'asked', Object.getOwnPropertyDescriptor(source.prototype, 'asked'))
  decorated(mixed, { on: [Controller('mixed')] })
  /** As libraries do that put another class in place of the decorated one. */
  const copied = (type) => {
    const copy = class extends type {}
    for (const key of Reflect.getMetadataKeys(type)) Reflect.defineMetadata(key, Reflect.getMetadata(key, type), copy)
    return copy
  }
  const publicBase = controller({ base: [] }, { on: [Public()], path: 'public-base' })
  const copy = copied(controller({ role: [] }, { base: publicBase, on: [RequireRole('A')], path: 'copy' }))
  const unrelated = { canActivate: () => true }
  const inherited = class extends EntraAuthGuard {}
  const sometimes = class extends EntraAuthGuard {
    async canActivate(context) {
      return context.getHandler().name === 'asked' || (await super.canActivate(context))
    }
  }
  const open = controller(
    { asked: [UseGuards(Asking)], anew: [UseGuards(AskingAnew)], login: [UseGuards(unrelated)], open: [] },
    { on: [Public()] }
  )
  const closed = controller(
    { here: [Public(), UseGuards(unrelated)], both: [Public(), UseGuards(Asking)], plain: [Public()], role: [] },
    { on: [RequireRole('A'), RequireRole('B')] }
  )
  const below = controller({ child: [Public(), UseGuards(unrelated)] }, { base: closed, path: 'below' })
  const guarded = controller(
    { login: [Public(), UseGuards(unrelated)] },
    { on: [UseGuards(inherited)], path: 'guarded' }
  )
  const besides = controller({ open: [] }, { base: closed, on: [UseGuards(unrelated), Public()], path: 'besides' })
  for (const guard of [
    { useExisting: EntraAuthGuard },
    { useClass: inherited },
    { useClass: Asking },
    { useClass: sometimes },
    { useValue: unrelated },
    null
  ]) {
    const send = await application(t, [open, closed, below, guarded, besides, skipped, around, mixed, copy], { guard })
    await check(t, send, [
      ['/asked', 401, 200, 200, 200],
      ['/both', 401, 200, 200, 200],
      ['/login', 200, 200, 200, 200],
      ['/here', 200, 200, 200, 200],
      ['/open', 200, 200, 200, 200],
      ['/plain', 200, 200, 200, 200],
      ['/role', 401, 403, 403, 200],
      ['/below/child', 200, 200, 200, 200],
      ['/guarded/login', 200, 200, 200, 200],
      ['/besides/open', 200, 200, 200, 200],
      ['/anew', 401, 200, 200, 200],
      ['/skipped/asked', 401, 200, 200, 200],
      ['/around/open', 200, 200, 200, 200],
      ['/mixed/asked', 401, 200, 200, 200],
      ['/copy/role', 401, 403, 200, 200],
      ['/copy/base', 401, 403, 200, 200]
    ])
  }
})

test('a decorator at a static method is a mistake', (t) => {
  for (const decorator of [RequireRole('A'), Public()]) {
    const { code, message } = t.throws(() =>
      decorated(class {}, { on: [(type) => decorator(type, 'make', { value: () => {} })] })
    )
    t.is(code, 'ERR_CONFIG')
    t.regex(message, /static method/)
  }
})

test('optional: a handler sees no caller, a requirement rejects, and a public handler stays public', async (t) => {
  const send = await application(t, controller({ any: [], role: [RequireRole('A')], open: [Public()] }), {
    optional: true
  })
  await check(t, send, [
    ['/any', 200, 200, 200, 200],
    ['/role', 401, 403, 200, 200],
    ['/open', 200, 200, 200, 200]
  ])
  t.is((await send('/any')).body, '{"client":null}')
  t.is((await send('/any', bearer({ expiresIn: -1 }))).status, 401)
})

test('@Auth() gives a property of the token, through pipes, and nothing that is not a verified token', async (t) => {
  const type = class {
    read(tenant, roles, client) {
      return { tenant, roles, client }
    }
    forged(auth) {
      return { auth: auth ?? null }
    }
  }
  const upper = { transform: (value) => value.toUpperCase() }
  const only = { transform: (auth) => auth.clientId }
  const forge = {
    canActivate(context) {
      context.switchToHttp().getRequest().auth = { clientId: 'forged', roles: ['A'] }
      return true
    }
  }
  decorated(type, {
    on: [Controller()],
    methods: { read: [Get('read')], forged: [Get('forged'), Public(), UseGuards(forge)] },
    parameters: { read: [Auth('tenantId', upper), Auth('roles'), Auth(only)], forged: [Auth()] }
  })
  const send = await application(t, type)
  t.deepEqual(JSON.parse((await send('/read', bearer({ roles: ['A'] }))).body), {
    tenant: authority.tenantId.toUpperCase(),
    roles: ['A'],
    client: authority.client.clientId
  })
  t.is((await send('/forged', good)).body, '{"auth":null}')
})

test('controllers for each request, and a guard for each request', async (t) => {
  const scoped = (path, ...on) =>
    decorated(controller({ role: [RequireRole('A')] }), {
      on: [...on, Controller({ path, scope: Scope.REQUEST })]
    })
  const inherited = class extends EntraAuthGuard {}
  for (const guard of [
    { useExisting: EntraAuthGuard },
    { useClass: inherited, scope: Scope.REQUEST },
    { useClass: inherited },
    null
  ]) {
    const send = await application(t, [scoped('scoped'), controller({ role: [RequireRole('A')] })], { guard })
    await check(t, send, [
      ['/scoped/role', 401, 403, 200, 200],
      ['/role', 401, 403, 200, 200]
    ])
  }
})

test('a guard that was not made by Nest lets nothing through', async (t) => {
  for (const guard of [
    { useValue: new EntraAuthGuard() },
    { useFactory: () => new (class extends EntraAuthGuard {})() }
  ]) {
    const send = await application(t, controller({ closed: [], open: [Public()] }), { guard })
    await check(t, send, [
      ['/closed', 500, 500, 500, 500],
      ['/open', 200, 200, 200, 200]
    ])
  }
})

test('where request.auth cannot be set, no request gets through', async (t) => {
  for (const property of [
    { get: () => ({ clientId: 'forged' }), set() {} },
    { value: { clientId: 'forged' }, writable: false }
  ]) {
    const send = await application(t, controller({ closed: [] }), {
      prepare: (app) =>
        app.use((request, _response, next) => {
          Object.defineProperty(request, 'auth', property)
          next()
        })
    })
    await check(t, send, [['/closed', 401, 500, 500, 500]])
  }
})
