// How decorators of handlers and classes combine under Nest: what is public, what is required, and what is a mistake.
import { Controller, Get, Scope, UseGuards } from '@nestjs/common'
import test from 'ava'
import {
  Auth,
  EntraAuthGuard,
  Public,
  RequireAppOnly,
  RequireAuthContext,
  RequireClient,
  RequireDelegated,
  RequireGroup,
  RequireRole,
  RequireScope
} from 'entra-jwt-verify/nest'
import sinon from 'sinon'
import { decorated } from '../helpers/nest-app.mjs'
import { application, authority, bearer, check, controller, good } from '../helpers/nest-handlers.mjs'

test.after.always(() => authority.close())

/** Mistakes are logged there, at most one a second. */
const logged = sinon.stub(console, 'error')

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
