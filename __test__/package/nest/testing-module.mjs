// Nest's testing module: what an application's tests put in place of the guard.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Controller, Get, UseGuards } from '@nestjs/common'
import { APP_GUARD } from '@nestjs/core'
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js'
import { Test } from '@nestjs/testing'
import { decorated } from '../../helpers/decorated.mjs'
import {
  Auth,
  authority,
  createVerifier,
  EntraAuthGuard,
  entra,
  handlers,
  Public,
  RequireRole,
  token
} from './application.mjs'

test('the testing module: guards can be overridden, and each stands for itself', async (t) => {
  const type = decorated(handlers(), {
    on: [Controller()],
    methods: { caller: [Get('caller')], role: [Get('role'), RequireRole('A')] },
    parameters: { caller: [Auth()], role: [Auth()] }
  })
  const auth = await authorityVerifier().verify(token())
  const open = {
    canActivate(context) {
      context.switchToHttp().getRequest().auth = auth
      return true
    }
  }
  const statuses = async (builder) => {
    const app = (await builder.compile()).createNestApplication({ logger: false })
    await app.listen(0, '127.0.0.1')
    t.after(() => app.close())
    const { port } = app.getHttpServer().address()
    const status = async (path) => {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`)
      return answer.status === 200 ? answer.text() : answer.status
    }
    return [await status('/caller'), await status('/role')]
  }
  const { clientId } = authority.client
  // No EntraAuthModule is needed where its guard is replaced.
  const alone = decorated(handlers(), {
    on: [Controller()],
    methods: { caller: [Get('caller'), UseGuards(EntraAuthGuard)], role: [Get('role'), RequireRole('A')] },
    parameters: { caller: [Auth()], role: [Auth()] }
  })
  const unit = Test.createTestingModule({ controllers: [alone] })
    .overrideGuard(EntraAuthGuard)
    .useValue(open)
  assert.deepEqual(await statuses(unit), [clientId, clientId])

  // One override stands for the guard in front of all handlers, the other for those that decorators bring.
  class AppAuthGuard extends EntraAuthGuard {}
  const application = {
    imports: [entra()],
    controllers: [type],
    providers: [AppAuthGuard, { provide: APP_GUARD, useExisting: AppAuthGuard }]
  }
  const testing = () => Test.createTestingModule(application)
  assert.deepEqual(await statuses(testing()), [401, 401])
  assert.deepEqual(await statuses(testing().overrideGuard(EntraAuthGuard).useValue(open)), [401, 401])
  assert.deepEqual(await statuses(testing().overrideProvider(AppAuthGuard).useValue(open)), [clientId, 401])
  const whole = testing().overrideProvider(AppAuthGuard).useValue(open).overrideGuard(EntraAuthGuard).useValue(open)
  assert.deepEqual(await statuses(whole), [clientId, clientId])
})

test('the testing module: a guard in place of that of a base class passes for a public class too', async (t) => {
  const base = decorated(class {}, { on: [UseGuards(EntraAuthGuard)] })
  const type = class extends base {
    open() {
      return 'open'
    }
  }
  decorated(type, { on: [Controller(), Public()], methods: { open: [Get('open')] } })
  class Own extends EntraAuthGuard {}
  const module = await Test.createTestingModule({ imports: [entra()], controllers: [type] })
    .overrideGuard(EntraAuthGuard)
    .useClass(Own)
    .compile()
  const app = module.createNestApplication({ logger: false })
  await app.listen(0, '127.0.0.1')
  t.after(() => app.close())
  const answer = await fetch(`http://127.0.0.1:${app.getHttpServer().address().port}/open`)
  assert.equal(await answer.text(), 'open')
})

test('the testing module: a guard that a mocker has filled lets nothing through', async () => {
  const module = await Test.createTestingModule({ controllers: [handlers()], providers: [EntraAuthGuard] })
    .useMocker(() => ({}))
    .compile()
  const type = handlers()
  const context = new ExecutionContextHost([{ headers: {} }, { setHeader() {} }], type, type.prototype.caller)
  assert.throws(
    () => module.get(EntraAuthGuard).canActivate(context),
    (error) => error.getStatus() === 500
  )
})

function authorityVerifier() {
  const { tenantId, api, url } = authority
  return createVerifier({ tenantId, clientId: api.clientId, authorityHost: url })
}
