// The authority of a test file, by the hooks of its test runner.
import test from 'ava'
import { useTestAuthority } from 'entra-jwt-verify/testing'
import { claimsOf, getJson, request } from '../helpers/testing-http.mjs'

const authority = useTestAuthority(
  { before: test.before, after: test.after.always },
  { quiet: true, domain: 'hooks.example' }
)

test('the authority is there in each test, methods and all', async (t) => {
  const { url, tenantId } = authority
  const { keys } = await getJson(`${url}/${tenantId}/discovery/keys`)
  t.is(keys.length, authority.keys.length)
  t.is(claimsOf(authority.issueToken()).tid, tenantId)
  t.true(authority.bearer().startsWith('Bearer ey'))
  t.true('url' in authority)
  await t.notThrowsAsync(async () => authority)
})

test('before the first test there is none, and after the last it is closed', async (t) => {
  const hooks = {}
  const own = useTestAuthority(
    { before: (start) => Object.assign(hooks, { start }), after: (close) => Object.assign(hooks, { close }) },
    { quiet: true }
  )
  t.throws(() => own.url, { code: 'ERR_TESTING_NOT_STARTED', message: /has not started: use it inside a test$/ })
  t.throws(() => 'url' in own, { code: 'ERR_TESTING_NOT_STARTED' })
  // Of a run that failed before.
  await hooks.close()
  await hooks.start()
  const { url } = own
  await hooks.close()
  await t.throwsAsync(request(url), { code: 'ECONNREFUSED' })
})

test('hooks may have the names of Jest and Vitest', async (t) => {
  const hooks = {}
  const own = useTestAuthority(
    { beforeAll: (start) => Object.assign(hooks, { start }), afterAll: (close) => Object.assign(hooks, { close }) },
    { quiet: true }
  )
  await hooks.start()
  t.regex(own.url, /^http:/)
  await hooks.close()
})

test('hooks and options that cannot be used are refused', async (t) => {
  for (const hooks of [undefined, {}, { before: test.before }, { before: 1, after: 1 }, { beforeAll: test.before }]) {
    t.throws(() => useTestAuthority(hooks), { code: 'ERR_TESTING_OPTION' })
  }
  let start
  useTestAuthority({ before: (given) => (start = given), after: () => {} }, { nonsense: true })
  await t.throwsAsync(start(), { code: 'ERR_TESTING_OPTION' })
})
