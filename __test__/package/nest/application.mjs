// Applications of Nest's on loopback, which have the package installed.
import 'reflect-metadata'
import { dirname } from 'node:path'
import { after } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Inject, Injectable, Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js'
import { askingGuard } from '../../helpers/asking-guard.mjs'
import { decorated } from '../../helpers/decorated.mjs'
import { installCopy } from '../../helpers/installed-copy.mjs'

installCopy(dirname(fileURLToPath(import.meta.url)))
export const { Auth, EntraAuthGuard, EntraAuthModule, Public, RequireRole } = await import('entra-jwt-verify/nest')
export const { createVerifier } = await import('entra-jwt-verify')
const { startTestAuthority } = await import('entra-jwt-verify/testing')

export const authority = await startTestAuthority({ quiet: true })
after(() => authority.close())

export const token = (overrides) => authority.issueToken(overrides)

export function entra(more) {
  const { tenantId, api, url } = authority
  return EntraAuthModule.forRoot({ tenantId, clientId: api.clientId, authorityHost: url, logger: false, ...more })
}

export function moduleOf(metadata) {
  return decorated(class AppModule {}, { on: [Module(metadata)] })
}

export async function listening(t, module, prepare = () => {}) {
  const app = await NestFactory.create(module, { logger: false, abortOnError: false })
  await prepare(app)
  await app.listen(0, '127.0.0.1')
  t.after(() => {
    app.getHttpServer().closeAllConnections()
    return app.close()
  })
  return `127.0.0.1:${app.getHttpServer().address().port}`
}

export const handlers = () =>
  class {
    anybody() {
      return 'anybody'
    }
    caller(auth) {
      return auth.clientId
    }
    role(auth) {
      return auth.clientId
    }
    open(auth) {
      return auth?.clientId ?? 'nobody'
    }
  }

/** The code and message of what keeps an application from starting; `undefined` if it starts. */
export async function failure(module, prepare = () => undefined) {
  const app = await NestFactory.create(module, { logger: false, abortOnError: false })
  prepare(app)
  const problem = await app.init().catch((error) => error)
  await app.close()
  return problem === app ? undefined : { code: problem.code, message: problem.message, hint: problem.hint }
}

export const asking = (contextOf) => askingGuard(Injectable, Inject, EntraAuthGuard, contextOf)

/** A context for the same handler, with other arguments. */
export function anew(context, kind, ...given) {
  const made = new ExecutionContextHost(given, context.getClass(), context.getHandler())
  made.setType(kind)
  return made
}
