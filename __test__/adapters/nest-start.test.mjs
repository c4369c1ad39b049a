import {
  Controller,
  Get,
  HttpCode,
  Injectable,
  Module,
  Scope,
  SerializeOptions,
  SetMetadata,
  Sse,
  UseGuards,
  UseInterceptors,
  Version,
  VersioningType
} from '@nestjs/common'
import { REQUEST } from '@nestjs/core'
import test from 'ava'
import { Auth, EntraAuthGuard, EntraAuthModule, Public, RequireRole } from 'entra-jwt-verify/nest'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import { of } from 'rxjs'
import { decorated, listening, moduleOf, platforms, served } from '../helpers/nest-app.mjs'
import { optionsFor } from '../helpers/start.mjs'

let authority
let options
test.before(async () => {
  authority = await startTestAuthority({ quiet: true })
  options = { ...optionsFor(authority), logger: false }
})
test.after.always(() => authority.close())

const entra = (more) => EntraAuthModule.forRoot({ ...options, ...more })

/** What keeps an application from starting; `undefined` if it starts. */
async function failure(module, prepare = () => {}) {
  try {
    const { close } = await listening(module, platforms.Express, prepare)
    await close()
    return undefined
  } catch (error) {
    return error
  }
}

const start = (metadata) => failure(moduleOf({ ...metadata, imports: [entra(), ...(metadata.imports ?? [])] }))

async function refuses(t, metadata, message) {
  const error = await start(metadata)
  t.is(error?.code, 'ERR_CONFIG')
  t.regex(error.message, message)
  t.true(error.hint.length > 0)
}

/** A class of the name `Tasks` with one method. */
function tasks(on, methods, name = 'read', base = Object) {
  const { Tasks } = {
    Tasks: class extends base {
      [name]() {}
    }
  }
  return decorated(Tasks, { on, methods: { [name]: methods } })
}

// As the packages of Nest mark their handlers.
const gateway = SetMetadata('websockets:is_gateway', true)
const message = SetMetadata('websockets:message_mapping', true)
const query = SetMetadata('graphql:resolver_type', 'Query')
const pattern = SetMetadata('microservices:pattern', ['tasks'])
const unknown = SetMetadata('telegraf:listener', [])

const needsRole = () => RequireRole('A')
const guarded = () => UseGuards(EntraAuthGuard)

test('a requirement on a method that no framework calls', async (t) => {
  for (const guard of [needsRole(), guarded()]) {
    await refuses(t, { providers: [tasks([Injectable()], [guard])] }, /^Tasks\.read: .*not a route/)
    await refuses(t, { controllers: [tasks([Controller()], [guard])] }, /^Tasks\.read: /)
  }
  // What says nothing about who calls it.
  for (const neutral of [
    SetMetadata('swagger/apiOperation', {}),
    HttpCode(202),
    SetMetadata('design:returntype', String),
    SerializeOptions({}),
    SetMetadata('cache_module:cache_ttl', 1),
    SetMetadata('THROTTLER:SKIPdefault', true)
  ]) {
    await refuses(t, { providers: [tasks([Injectable()], [neutral, needsRole()])] }, /^Tasks\.read: /)
  }
  const withParameter = decorated(tasks([], [needsRole()]), { methods: {}, on: [] })
  Auth()(withParameter.prototype, 'read', 0)
  await refuses(t, { providers: [withParameter] }, /^Tasks\.read: /)
  const value = { provide: 'tasks', useValue: new (tasks([], [needsRole()]))() }
  await refuses(t, { providers: [value] }, /^Tasks\.read: /)
  const perRequest = tasks([Injectable({ scope: Scope.REQUEST })], [needsRole()])
  await refuses(t, { providers: [perRequest] }, /^Tasks\.read: /)
  await refuses(t, { providers: [{ provide: 'tasks', useExisting: perRequest }, perRequest] }, /^Tasks\.read: /)
})

test('a requirement on the method of a middleware, an interceptor or a module', async (t) => {
  const Interceptor = tasks([Injectable()], [needsRole()], 'intercept')
  const intercepted = tasks([Controller(), UseInterceptors(Interceptor)], [Get()])
  await refuses(t, { controllers: [intercepted] }, /^Tasks\.intercept: /)
  const Middleware = tasks([Injectable()], [needsRole()], 'use')
  class Configuring {
    configure(consumer) {
      consumer.apply(Middleware).forRoutes('tasks')
    }
  }
  await refuses(t, { imports: [decorated(Configuring, { on: [Module({})] })] }, /^Tasks\.use: /)
  await refuses(t, { imports: [tasks([Module({})], [needsRole()])] }, /^Tasks\.read: /)
})

test('a requirement on a class without handlers', async (t) => {
  for (const guard of [needsRole(), guarded()]) {
    await refuses(t, { providers: [tasks([guard, Injectable()], [])] }, /^Tasks: /)
    await refuses(t, { imports: [tasks([guard, Module({})], [])] }, /^Tasks: .* for a module/)
  }
  class Inherited extends tasks([needsRole()], []) {}
  await refuses(t, { providers: [Inherited] }, /^Inherited: /)
  // A public service is like any other.
  t.is(await start({ providers: [tasks([Public(), Injectable()], [])] }), undefined)
})

test('a requirement on what frameworks call without guards', async (t) => {
  for (const key of [
    'EVENT_LISTENER_METADATA',
    'SCHEDULE_CRON_OPTIONS',
    'SCHEDULE_INTERVAL_OPTIONS',
    'SCHEDULE_TIMEOUT_OPTIONS',
    'bull:module_queue_process',
    'bullmq:worker_events_metadata'
  ]) {
    const called = SetMetadata(key, [])
    await refuses(t, { providers: [tasks([], [called, needsRole()])] }, /^Tasks\.read: .*event listeners/)
    await refuses(t, { controllers: [tasks([Controller()], [called, guarded()])] }, /^Tasks\.read: .*event listeners/)
    await refuses(t, { providers: [tasks([needsRole()], [called])] }, /^Tasks: /)
    t.is(await start({ providers: [tasks([], [called])] }), undefined)
    // The requirement is for the route.
    t.is(await start({ controllers: [tasks([Controller()], [Get(), called, needsRole()])] }), undefined)
    t.is(await start({ controllers: [tasks([Controller(), needsRole()], [called])] }), undefined)
  }
  for (const key of ['bull:module_queue', 'bullmq:processor_metadata', '__commandHandler__']) {
    await refuses(t, { providers: [tasks([needsRole(), SetMetadata(key, {})], [])] }, /^Tasks: .*queue workers/)
    // Also beside what another framework may have written.
    await refuses(
      t,
      { providers: [tasks([SetMetadata(key, {})], [unknown, needsRole()])] },
      /^Tasks\.read: .*queue workers/
    )
  }
})

test('a requirement on how a gateway starts and is connected to', async (t) => {
  for (const name of ['handleConnection', 'handleDisconnect', 'afterInit']) {
    for (const guard of [needsRole(), guarded()]) {
      await refuses(t, { providers: [tasks([gateway], [guard], name)] }, new RegExp(`^Tasks\\.${name}: .*gateway`))
    }
    await refuses(t, { providers: [tasks([gateway], [unknown, needsRole()], name)] }, new RegExp(`^Tasks\\.${name}: `))
    await refuses(t, { providers: [tasks([gateway, needsRole()], [], name)] }, /^Tasks: /)
    const withMessages = decorated(tasks([], [message, needsRole()], 'read', tasks([], [], name)), {
      on: [gateway, needsRole()]
    })
    t.is(await start({ providers: [withMessages] }), undefined)
  }
})

test('requirements where Nest runs guards, and where a framework may run them', async (t) => {
  for (const handler of [message, query, pattern, unknown]) {
    t.is(await start({ providers: [tasks([], [handler, needsRole()])] }), undefined)
    t.is(await start({ providers: [tasks([needsRole()], [handler])] }), undefined)
    t.is(await start({ controllers: [tasks([Controller()], [handler, needsRole()])] }), undefined)
  }
  t.is(await start({ providers: [tasks([needsRole(), unknown], [])] }), undefined)
  // Some frameworks describe a method by its class and name.
  for (const target of [(type) => type, (type) => type.prototype]) {
    const byName = tasks([], [needsRole()])
    Reflect.defineMetadata('framework:command', {}, target(byName), 'read')
    t.is(await start({ providers: [byName] }), undefined)
  }
  // A library that wraps the method lets it inherit the metadata.
  const wrap = (_target, _key, descriptor) => ({
    ...descriptor,
    value: Object.setPrototypeOf(() => {}, descriptor.value)
  })
  t.is(await start({ providers: [tasks([], [wrap, query, needsRole()])] }), undefined)
})

test('an inherited handler is judged by the class that has it', async (t) => {
  const Base = tasks([], [Get(), needsRole()])
  class Inherited extends Base {}
  t.is(await start({ controllers: [decorated(Inherited, { on: [Controller()] })] }), undefined)
  // The base class has no route: the override is what is called.
  const Abstract = tasks([needsRole()], [needsRole()])
  class Overriding extends Abstract {
    read() {}
  }
  decorated(Overriding, { on: [Controller()], methods: { read: [Get(), needsRole()] } })
  t.is(await start({ controllers: [Overriding] }), undefined)
})

test('routes with a version, streams of events, and a prefix', async (t) => {
  const type = class {
    read() {
      return { version: 1 }
    }
    stream() {
      return of({ data: 'tick' })
    }
  }
  decorated(type, {
    on: [Controller('tasks'), needsRole()],
    methods: { read: [Get(), Version('1'), needsRole()], stream: [Sse('stream'), needsRole()] }
  })
  const prepare = (app) =>
    app.setGlobalPrefix('api').enableVersioning({ type: VersioningType.URI, defaultVersion: '1' })
  const send = await served(t, moduleOf({ imports: [entra()], controllers: [type] }), { prepare })
  const token = `Bearer ${authority.issueToken({ roles: ['A'] })}`
  for (const path of ['/api/v1/tasks', '/api/v1/tasks/stream']) {
    t.deepEqual([(await send(path)).status, (await send(path, token)).status], [401, 200])
  }
})

test('a proxy that has nothing behind it is left alone', async (t) => {
  const fails = () => {
    throw new Error('outside of a request')
  }
  const useFactory = () => new Proxy({}, { getPrototypeOf: fails })
  t.is(await start({ providers: [{ provide: 'proxy', useFactory }] }), undefined)
  const ofProxy = () => Object.create(new Proxy({}, { getOwnPropertyDescriptor: fails }))
  t.is(await start({ providers: [{ provide: 'proxy', useFactory: ofProxy }] }), undefined)
})

test('a provider whose guards Nest does not make', async (t) => {
  const other = [
    (type) => ({ provide: type, useFactory: () => new type() }),
    (type) => ({ provide: type, useValue: new type() }),
    (type) => ({ provide: 'resolver', useValue: new type() })
  ]
  class Subclass extends EntraAuthGuard {}
  const types = () => [
    tasks([], [query, needsRole()]),
    tasks([needsRole()], [query]),
    tasks([UseGuards(Subclass)], [query]),
    tasks([gateway], [message, guarded()]),
    tasks([], [unknown, needsRole()])
  ]
  for (const provider of other) {
    for (const type of types()) await refuses(t, { providers: [provider(type)] }, /^Tasks(?:\.read)?: .*useFactory/)
    t.is(await start({ providers: [provider(tasks([], [query, Public()]))] }), undefined)
  }
  for (const type of types()) t.is(await start({ providers: [type] }), undefined)
  const [type] = types()
  const alias = { provide: 'resolver', useExisting: type }
  t.is(await start({ imports: [moduleOf({ providers: [type], exports: [type] })], providers: [alias] }), undefined)
  // Nest need not make one that it was given.
  const given = tasks([], [query, UseGuards(new EntraAuthGuard())])
  t.is(await start({ providers: [{ provide: given, useValue: new given() }] }), undefined)
  // Which providers Nest reads guards of differs between its versions.
  const useClass = await start({ providers: [{ provide: type, useClass: type }] })
  t.true(useClass === undefined || useClass.code === 'ERR_CONFIG')
})

test('options that depend on the request', async (t) => {
  class Tenant {}
  class DurableTenant {}
  Injectable({ scope: Scope.REQUEST })(Tenant)
  Injectable({ scope: Scope.REQUEST, durable: true })(DurableTenant)
  const configured = (inject) => {
    const imports = typeof inject === 'function' ? [moduleOf({ providers: [inject], exports: [inject] })] : []
    return EntraAuthModule.forRootAsync({ imports, inject: [inject], useFactory: () => options })
  }
  for (const inject of [REQUEST, Tenant]) {
    const error = await failure(moduleOf({ imports: [configured(inject)] }))
    t.is(error?.code, 'ERR_CONFIG')
    t.regex(error.message, /depend on the request/)
    t.regex(error.hint, /allowedTenants or authorities/)
  }
  // Everything else is checked as well.
  const controller = tasks([Controller()], [Get(), needsRole()])
  const durable = (provider) =>
    moduleOf({ imports: [configured(DurableTenant)], controllers: [controller], providers: provider ? [provider] : [] })
  const error = await failure(durable(tasks([], [needsRole()])))
  t.regex(error?.message, /^Tasks\.read: /)
  const send = await served(t, durable())
  t.deepEqual(
    [(await send('/')).status, (await send('/', `Bearer ${authority.issueToken({ roles: ['A'] })}`)).status],
    [401, 200]
  )
})

test('several global configurations', async (t) => {
  const lax = entra({ optional: true })
  const feature = moduleOf({ imports: [lax] })
  for (const imports of [
    [entra(), feature],
    [feature, entra()]
  ]) {
    const error = await failure(moduleOf({ imports }))
    t.is(error?.code, 'ERR_CONFIG')
    t.regex(error.message, /one global configuration/)
    t.regex(error.hint, /isGlobal: false/)
  }
  const own = moduleOf({ imports: [entra({ optional: true, isGlobal: false })] })
  t.is(await failure(moduleOf({ imports: [entra(), own] })), undefined)
  // One module that is imported several times, and the module without options.
  t.is(await failure(moduleOf({ imports: [lax, feature, moduleOf({ imports: [EntraAuthModule] })] })), undefined)
})

test.serial('two modules that the environment configures share a configuration', async (t) => {
  const variables = {
    ENTRA_TENANT_ID: authority.tenantId,
    ENTRA_CLIENT_ID: authority.api.clientId,
    ENTRA_AUTHORITY_HOST: authority.url
  }
  Object.assign(process.env, variables)
  t.teardown(() => {
    for (const name of Object.keys(variables)) delete process.env[name]
  })
  const feature = moduleOf({ imports: [EntraAuthModule.forRoot()] })
  t.is(await failure(moduleOf({ imports: [EntraAuthModule.forRoot(), feature] })), undefined)
})
