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

test('require and import give the same names', (t) => {
  const required = createRequire(import.meta.url)('entra-jwt-verify')
  t.deepEqual(Object.keys(required).sort(), NAMES)
  t.like({ ...imported }, required)
})

test('checkAuthToken is an Express middleware by its arity', (t) => {
  t.is(imported.checkAuthToken.length, 3)
})
