// How the package is loaded.
import { createRequire } from 'node:module'
import test from 'ava'
import * as imported from 'entra-jwt-verify'

const NAMES = [
  'AuthError',
  'VerifiedToken',
  'Verifier',
  'checkAuthToken',
  'claimsChallenge',
  'createCheckAuthToken',
  'createVerifier',
  'requireAppOnly',
  'requireAuthContext',
  'requireClient',
  'requireDelegated',
  'requireGroup',
  'requireRole',
  'requireScope',
  'requireScopeOrRole'
]

/** What an entry has besides. */
const ENTRIES = {
  'entra-jwt-verify': [],
  'entra-jwt-verify/express': [],
  'entra-jwt-verify/fastify': [],
  'entra-jwt-verify/fetch': ['withAuth'],
  'entra-jwt-verify/hono': [],
  'entra-jwt-verify/koa': []
}

for (const [entry, more] of Object.entries(ENTRIES)) {
  test(`${entry}: require and import give the same names, those of every entry`, async (t) => {
    const required = createRequire(import.meta.url)(entry)
    t.deepEqual(Object.keys(required).sort(), [...NAMES, ...more].sort())
    t.like({ ...(await import(entry)) }, required)
  })
}

test('checkAuthToken is an Express middleware by its arity', (t) => {
  t.is(imported.checkAuthToken.length, 3)
})
