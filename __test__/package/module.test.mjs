// How the package is loaded.
import { readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import test from 'ava'
import * as imported from 'entra-jwt-verify'
import { runNode } from '../helpers/keys-setup.mjs'

const NAMES = [
  'AuthError',
  'VerifiedToken',
  'Verifier',
  'checkAuthToken',
  'claimsChallenge',
  'createCheckAuthToken',
  'createVerifier',
  'requireAppOnly',
  'requireClient',
  'requireDelegated',
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

/** How loading ends on another platform than this. */
async function loadedOn(platform, arch) {
  const script = `
    for (const [name, value] of [['platform', '${platform}'], ['arch', '${arch}']]) Object.defineProperty(process, name, { value })
    try {
      require('./index.js')
    } catch ({ message, cause }) {
      console.log(JSON.stringify({ message, cause: cause?.code }))
    }`
  const { stdout } = await runNode(['-e', script])
  return JSON.parse(stdout)
}

test('a platform without an addon is told which have one', async (t) => {
  const { message } = await loadedOn('freebsd', 'riscv64')
  const [, target, targets] = /^entra-jwt-verify has no addon for (.*); there is one for (.*)$/.exec(message)
  t.is(target, 'freebsd-riscv64')
  t.deepEqual(targets.split(', '), readdirSync(new URL('../../npm', import.meta.url)).sort())
})

test('a platform whose package is not installed is told what to do', async (t) => {
  const other = process.platform === 'darwin' ? ['win32', 'x64', 'win32-x64-msvc'] : ['darwin', 'arm64', 'darwin-arm64']
  const { message, cause } = await loadedOn(other[0], other[1])
  t.true(message.startsWith(`entra-jwt-verify-${other[2]} is not installed.`), message)
  t.regex(message, /npm install --include=optional/)
  t.is(cause, 'MODULE_NOT_FOUND')
})
