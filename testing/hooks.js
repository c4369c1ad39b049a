'use strict'

const { TestAuthority } = require('./authority')
const { optionError, TestAuthorityError } = require('./errors')

/**
 * Starts a test authority before the tests of a file, and closes it after them; described in index.d.ts.
 *
 * @type {typeof import('./index').useTestAuthority}
 */
function useTestAuthority(hooks, options) {
  const { before, after } = hooksOf(hooks)
  /** @type {TestAuthority | undefined} */
  let authority
  before(async () => {
    authority = await TestAuthority.start(options)
  })
  after(async () => {
    await authority?.close()
  })
  const started = () => {
    if (authority !== undefined) return authority
    throw new TestAuthorityError(
      'ERR_TESTING_NOT_STARTED',
      'useTestAuthority: the authority has not started: use it inside a test'
    )
  }
  return /** @type {TestAuthority} */ (
    new Proxy(Object.create(null), {
      get(_target, name) {
        const value = Reflect.get(started(), name)
        // Methods of a proxy would not find their private fields.
        return typeof value === 'function' ? value.bind(started()) : value
      },
      has: (_target, name) => Reflect.has(started(), name)
    })
  )
}

/**
 * The two hooks, which Jest and Vitest call `beforeAll` and `afterAll`.
 *
 * @param {any} hooks
 * @returns {import('./index').TestHooks}
 */
function hooksOf(hooks) {
  const { beforeAll, afterAll, before = beforeAll, after = afterAll } = hooks ?? {}
  if (typeof before === 'function' && typeof after === 'function') return { before, after }
  throw optionError(
    'useTestAuthority: expected the hooks of the test runner: { before, after } or { beforeAll, afterAll } (docs/testing.md)'
  )
}

module.exports = { useTestAuthority }
