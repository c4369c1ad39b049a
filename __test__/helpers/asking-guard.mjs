// A guard of an application of Nest's that asks ours.
import { decorated } from './decorated.mjs'

/** It asks with the context that it was given, or one that it makes. What it needs of Nest is that of the application. */
export function askingGuard(Injectable, Inject, EntraAuthGuard, contextOf = (context) => context) {
  class Asking {
    constructor(auth) {
      this.auth = auth
    }
    async canActivate(context) {
      return await this.auth.canActivate(contextOf(context))
    }
  }
  decorated(Asking, { on: [Injectable()] })
  Inject(EntraAuthGuard)(Asking, undefined, 0)
  return Asking
}
