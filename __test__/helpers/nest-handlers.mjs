// Handlers of Nest's behind the guard, what they answer, and an authority of their own for the file that imports this.
import { Controller, Get, Inject, Injectable } from '@nestjs/common'
import { APP_GUARD } from '@nestjs/core'
import { Auth, EntraAuthGuard, EntraAuthModule } from 'entra-jwt-verify/nest'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import { askingGuard } from './asking-guard.mjs'
import { decorated, moduleOf, served } from './nest-app.mjs'
import { optionsFor } from './start.mjs'

export const authority = await startTestAuthority({ quiet: true })
export const bearer = (overrides) => `Bearer ${authority.issueToken(overrides)}`
export const good = bearer()

/** A controller with one handler a method, each at the path of its name, which answers with the caller. */
export function controller(handlers, { on = [], base = Object, path = '' } = {}) {
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
export function application(t, controllers, { guard = { useExisting: EntraAuthGuard }, prepare, ...options } = {}) {
  const module = moduleOf({
    imports: [EntraAuthModule.forRoot({ ...optionsFor(authority), logger: false, ...options })],
    controllers: [controllers].flat(),
    providers: guard ? [{ provide: APP_GUARD, ...guard }] : []
  })
  return served(t, module, { prepare })
}

/** Asserts which requests each path answers with 200, 401 or 403. */
export async function check(t, send, rows) {
  for (const [path, ...expected] of rows) {
    for (const [index, authorization] of [
      undefined,
      good,
      bearer({ roles: ['A'] }),
      bearer({ roles: ['A', 'B'] })
    ].entries()) {
      t.is((await send(path, authorization)).status, expected[index], `${path} ${index}`)
    }
  }
}

export const asking = (contextOf) => askingGuard(Injectable, Inject, EntraAuthGuard, contextOf)
