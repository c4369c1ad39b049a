'use strict'

const { TestAuthority } = require('./authority')
const { optionError, TestAuthorityError } = require('./errors')

/**
 * Starts a test authority before the tests of a file, and closes it after them; described in index.d.ts.
 *
 * @type {typeof import('./index').useTestAuthority}
 */
function useTestAuthority(hooks, options) {
  const { before, after } = hooks ?? {}
  if (typeof before !== 'function' || typeof after !== 'function') {
    throw optionError('useTestAuthority: expected the hooks of the test runner: { before, after }')
  }
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
      'useTestAuthority: the authority starts before the first test, not yet'
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

module.exports = { useTestAuthority }
