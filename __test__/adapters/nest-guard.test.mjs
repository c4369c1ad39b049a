// The guard of Nest when it is asked: how often, by whom, for which token, and whether its promise is awaited.
import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import {
  All,
  Controller,
  Get,
  Inject,
  Injectable,
  Next,
  Scope,
  SetMetadata,
  UseGuards,
  UseInterceptors
} from '@nestjs/common'
import { APP_GUARD, ExternalContextCreator, ModuleRef, REQUEST } from '@nestjs/core'
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js'
import test from 'ava'
import {
  EntraAuthGuard,
  EntraAuthModule,
  EntraVerifier,
  Public,
  RequireGroup,
  RequireRole
} from 'entra-jwt-verify/nest'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import sinon from 'sinon'
import { decorated, moduleOf, served } from '../helpers/nest-app.mjs'
import { application, asking, authority, bearer, check, controller, good } from '../helpers/nest-handlers.mjs'
import { optionsFor } from '../helpers/start.mjs'

test.after.always(() => authority.close())

/** Mistakes are logged there, at most one a second. */
sinon.stub(console, 'error')

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
  const response = { setHeader() {}, getHeader() {} }
  const contextOf = (authorization) => {
    const context = new ExecutionContextHost([{ headers: { authorization } }, response], type, type.prototype.any)
    context.setType('http')
    return context
  }
  const create = (guard) => send.app.get(ModuleRef).create(guard)
  // So that no call but one with an unknown key waits.
  await (await create(EntraAuthGuard)).canActivate(contextOf(good))
  return { create, contextOf }
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
  const Asking = asking()
  const AskingAnew = asking(
    (context) => new ExecutionContextHost(context.getArgs(), context.getClass(), context.getHandler())
  )
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

test('a guard that asks this one with a context of its own hears about the token, also on a public handler', async (t) => {
  const headersOf = (context) => {
    const { headers } = context.switchToHttp().getRequest()
    return { authorization: headers.authorization }
  }
  const anew = (context, ...given) => new ExecutionContextHost(given, context.getClass(), context.getHandler())
  const types = [
    (context) => anew(context, { headers: headersOf(context) }),
    (context) => anew(context, context.switchToHttp().getRequest()),
    (context) => anew(context, { ...context.switchToHttp().getRequest(), headers: headersOf(context) }),
    (context) => anew(context, Object.create(context.switchToHttp().getRequest())),
    (context) => anew(context, new Proxy(context.switchToHttp().getRequest(), {})),
    (context) => {
      const request = context.switchToHttp().getRequest()
      return anew(context, Object.assign(Object.create(Object.getPrototypeOf(request)), request))
    },
    (context) => anew(context, { raw: new IncomingMessage(new Socket()), headers: headersOf(context) }),
    (context) => new ExecutionContextHost(context.getArgs(), class extends context.getClass() {}, context.getHandler()),
    (context) => new ExecutionContextHost(context.getArgs(), context.getClass(), context.getHandler().bind(null)),
    (context) => Object.create(context),
    (context) => {
      const other = anew(context, undefined, {}, { req: { headers: headersOf(context) } }, {})
      other.setType('graphql')
      return other
    }
  ].map(asking)
  for (const guard of [{ useExisting: EntraAuthGuard }, null]) {
    for (const type of types) {
      const ofClass = controller({ whole: [] }, { on: [Public(), UseGuards(type)], path: 'class' })
      const send = await application(t, [controller({ public: [Public(), UseGuards(type)] }), ofClass], { guard })
      await check(t, send, [
        ['/public', 401, 200, 200, 200],
        ['/class/whole', 401, 200, 200, 200]
      ])
    }
  }
})

test('@Public() at a class and at its methods: a guard of the others that asks this one hears about the token', async (t) => {
  const Asking = asking()
  const both = controller({ open: [Public()], asked: [UseGuards(Asking)] }, { on: [Public()], path: 'both' })
  const ofClass = controller({ open: [Public()], asked: [] }, { on: [Public(), UseGuards(Asking)], path: 'class' })
  const base = controller({ open: [Public()] }, { path: 'base' })
  const below = controller({ asked: [] }, { base, on: [Public(), UseGuards(Asking)], path: 'below' })
  const guarded = decorated(class {}, { on: [UseGuards(EntraAuthGuard)] })
  const middle = decorated(class extends guarded {}, { on: [Public()] })
  const above = controller({ asked: [UseGuards(Asking)] }, { base: middle, on: [], path: 'above' })
  const again = controller(
    { open: [Public()], closed: [] },
    { base: middle, on: [UseGuards(EntraAuthGuard)], path: 'again' }
  )
  const first = decorated(class {}, { on: [Public()] })
  const second = decorated(class extends first {}, { on: [UseGuards(EntraAuthGuard)] })
  const third = controller({ open: [Public()], closed: [] }, { base: second, path: 'third' })
  for (const guard of [{ useExisting: EntraAuthGuard }, null]) {
    const send = await application(t, [both, ofClass, base, below, above, again, third], { guard })
    await check(t, send, [
      ['/both/open', 200, 200, 200, 200],
      ['/both/asked', 401, 200, 200, 200],
      ['/class/asked', 401, 200, 200, 200],
      ['/below/open', 200, 200, 200, 200],
      ['/below/asked', 401, 200, 200, 200],
      ['/above/asked', 401, 200, 200, 200],
      ['/again/open', 200, 200, 200, 200],
      ['/again/closed', 401, 200, 200, 200],
      ['/third/open', 200, 200, 200, 200],
      ['/third/closed', 401, 200, 200, 200]
    ])
  }
  // A guard of the class is not behind the `@Public()` of a method.
  const send = await application(t, [ofClass], { guard: null })
  await check(t, send, [['/class/open', 200, 200, 200, 200]])
})

test('a global guard may put the arguments of a call into another context', async (t) => {
  const again = (context) => new ExecutionContextHost(context.getArgs(), context.getClass(), context.getHandler())
  class Own extends EntraAuthGuard {
    async canActivate(context) {
      return await super.canActivate(again(context))
    }
  }
  const type = controller({ open: [Public()], asked: [Public(), UseGuards(asking(again))], closed: [] })
  const send = await application(t, type, { guard: { useClass: Own } })
  await check(t, send, [
    ['/open', 200, 200, 200, 200],
    ['/asked', 401, 200, 200, 200],
    ['/closed', 401, 200, 200, 200]
  ])
})

test('a guard of a base class that did not ask leaves nothing to a guard of the handler', async (t) => {
  class Sometimes extends EntraAuthGuard {
    async canActivate(context) {
      const { headers } = context.switchToHttp().getRequest()
      return headers['x-internal'] !== undefined || (await super.canActivate(context))
    }
  }
  const base = controller({}, { on: [UseGuards(Sometimes)], path: 'base' })
  const send = await application(t, controller({ any: [UseGuards(asking())] }, { base, on: [Public()] }), {
    guard: null
  })
  for (const headers of [{}, { 'x-internal': '1' }]) {
    t.is((await send('/any', undefined, { headers })).status, 401)
    t.is((await send('/any', good, { headers })).status, 200)
  }
})

test('a public handler is one however it is reached, and whatever its request has', async (t) => {
  const bound = class {
    constructor() {
      this.list = this.list.bind(this)
    }
    list() {
      return 'list'
    }
    twice(next) {
      next()
    }
    hook() {
      return 'hook'
    }
  }
  decorated(bound, {
    on: [Controller(), Public()],
    methods: { list: [Get('list')], twice: [All(['twice', '*path'])], hook: [Get('hook')] },
    parameters: { twice: [Next()] }
  })
  class Own extends EntraAuthGuard {}
  for (const guard of [{ useExisting: EntraAuthGuard }, { useClass: Own }, { useClass: Own, scope: Scope.REQUEST }]) {
    const send = await application(t, bound, {
      guard,
      prepare: (app) =>
        app.use((request, _response, next) => {
          // As body parsers do that keep the bytes.
          request.raw = Buffer.from('{}')
          next()
        })
    })
    t.is((await send('/list')).status, 200)
    t.is((await send('/hook')).body, 'hook')
    t.is((await send('/twice')).status, 404)
  }
})

test("a public handler of another framework, which runs Nest's guards", async (t) => {
  class Bot {
    update(text) {
      return `got ${text}`
    }
  }
  decorated(Bot, { on: [Injectable(), Public()], methods: { update: [SetMetadata('bot:update', true)] } })
  class Closed extends Bot {
    update(text) {
      return `closed ${text}`
    }
  }
  decorated(Closed, {
    on: [Injectable()],
    methods: { update: [SetMetadata('bot:update', true), UseGuards(EntraAuthGuard)] }
  })
  const module = moduleOf({
    imports: [EntraAuthModule.forRoot({ ...optionsFor(authority), logger: false })],
    providers: [Bot, Closed, { provide: APP_GUARD, useExisting: EntraAuthGuard }]
  })
  const { app } = await served(t, module)
  const call = (Type) => {
    const instance = app.get(Type)
    const creator = app.get(ExternalContextCreator)
    return creator.create(
      instance,
      instance.update,
      'update',
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
      'bot'
    )('hi')
  }
  t.is(await call(Bot), 'got hi')
  await t.throwsAsync(call(Closed), { message: /Internal Server Error/ })
})

test('a public handler that leaves its request to the next one', async (t) => {
  const type = class {
    log(next) {
      next()
    }
    news() {
      return 'news'
    }
    closed() {
      return 'closed'
    }
  }
  decorated(type, {
    on: [Controller()],
    methods: { log: [All('*path'), Public()], news: [Get('news'), Public()], closed: [Get('closed')] },
    parameters: { log: [Next()] }
  })
  const send = await application(t, type)
  await check(t, send, [
    ['/news', 200, 200, 200, 200],
    ['/closed', 401, 200, 200, 200]
  ])
})

test('a context without class and handler is a mistake', async (t) => {
  const { create } = await made(t, controller({ any: [] }), { responses: 'next' })
  const guard = await create(EntraAuthGuard)
  const error = t.throws(() => guard.canActivate(new ExecutionContextHost([{ headers: {} }])))
  t.is(error.getStatus(), 500)
  t.is(error.cause.code, 'ERR_CONFIG')
  t.regex(error.cause.message, /no class and handler/)
})

test('the guards that know what is public stand once, however many methods and modules there are', async (t) => {
  const type = controller({ one: [Public()], two: [Public()], three: [Public()] })
  t.is(Reflect.getMetadata('__guards__', type).length, 1)
  const other = moduleOf({ imports: [EntraAuthModule.forRoot({ ...optionsFor(authority), isGlobal: false })] })
  const module = moduleOf({
    imports: [EntraAuthModule.forRoot({ ...optionsFor(authority), logger: false }), other],
    controllers: [type]
  })
  const { app } = await served(t, module)
  t.is(app.get(ExternalContextCreator).guardsContextCreator.config.getGlobalGuards().length, 1)
})
