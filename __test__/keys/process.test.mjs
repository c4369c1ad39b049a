// What the keys do to the process that needs them: when it ends, what it leaves behind.
import test from 'ava'
import { expectedOutcomes, startSufferer, sufferAll, usageLike } from '../helpers/fault-runner.mjs'
import { faults } from '../helpers/keys-faults.mjs'
import { fetches, optionsFor, Pool, runNode, until } from '../helpers/keys-setup.mjs'

/** Milliseconds that a process takes to end which nothing holds, with a wide margin. */
const AT_ONCE = 8000

/** Longer than that: what a process would wait for if it did wait for the fetch. Seconds. */
const LONG = 60

const plain = new Pool()
const secure = new Pool()
test.before(() =>
  Promise.all([plain.fill(5, { uses: faults.length + 8 }), secure.fill(2, { uses: faults.length + 1, tls: true })])
)
test.after.always(() => Promise.all([plain.close(), secure.close()]))

/** An authority, an API of it and a token for that, until the test ends. */
async function setUp(t) {
  const { authority, api, giveBack } = await plain.borrow()
  t.teardown(giveBack)
  return { authority, api, token: tokenFor(authority, api) }
}

function tokenFor(authority, api) {
  return authority.issueToken({ audience: api.appIdUri })
}

/** Runs `script` with `verifier` and `token` there; `code`, `signal` and `stderr` are those of a process that ended well. */
async function runScript(t, { authority, api, token }, script, { keys, ...options } = {}) {
  const settings = JSON.stringify(optionsFor(authority, { api, keys: { timeout: LONG, ...keys } }))
  const prologue = `
    const verifier = require('entra-jwt-verify').createVerifier(${settings})
    const token = ${JSON.stringify(token)};`
  const { code, signal, stdout, stderr, milliseconds } = await runNode(
    ['--unhandled-rejections=strict', '-e', prologue + script],
    options
  )
  t.deepEqual({ code, signal, stderr }, { code: 0, signal: null, stderr: '' })
  return { stdout, milliseconds }
}

test('a process that only makes a verifier ends at once, and asks for no keys', async (t) => {
  const { authority, api, token } = await setUp(t)
  authority.fail('hang')
  const { milliseconds } = await runScript(t, { authority, api, token }, '')
  t.true(milliseconds < AT_ONCE)
  t.is(fetches(authority, api), 0)
})

test('a process that verifies ends when it is done', async (t) => {
  const { authority, api, token } = await setUp(t)
  const script = 'verifier.verify(token).then(({ tenantId }) => console.log(tenantId))'
  const { stdout, milliseconds } = await runScript(t, { authority, api, token }, script)
  t.is(stdout.trim(), authority.tenantId)
  t.true(milliseconds < AT_ONCE)
})

test('a process waits for a token that is being verified', async (t) => {
  const { authority, api, token } = await setUp(t)
  authority.delay(1000)
  const script = 'verifier.verify(token).then(({ tenantId }) => console.log(tenantId))'
  t.is((await runScript(t, { authority, api, token }, script)).stdout.trim(), authority.tenantId)
})

test('a process waits for keys that are being preloaded', async (t) => {
  const { authority, api, token } = await setUp(t)
  authority.delay(1000)
  const script = 'verifier.preload().then(() => console.log(verifier.verifySync(token).tenantId))'
  t.is((await runScript(t, { authority, api, token }, script)).stdout.trim(), authority.tenantId)
})

test('a refresh in the background, which nobody waits for, holds no process', async (t) => {
  const { authority, api, token } = await setUp(t)
  // The process has its keys, and they are due; then it is told that the authority hangs, and refreshes. When the
  // authority has seen that, the process has nothing to do any more.
  const script = `
    verifier.preload().then(() => setTimeout(() => console.log('due'), 1200))
    process.stdin.once('data', () => console.log(verifier.verifySync(token).tenantId))`
  let idle
  const { stdout } = await runScript(t, { authority, api, token }, script, {
    keys: { refreshInterval: 1 },
    async meanwhile({ stdin, stdout }) {
      stdout.once('data', async () => {
        authority.fail('hang')
        stdin.write('go on')
        await until(() => fetches(authority, api) === 2, 'the refresh has begun')
        stdin.end()
        idle = performance.now()
      })
    }
  })
  t.true(performance.now() - idle < AT_ONCE)
  t.is(stdout.trim(), `due\n${authority.tenantId}`)
})

test('a process that ends itself in the middle of a fetch does so', async (t) => {
  const { authority, api, token } = await setUp(t)
  authority.delay(300)
  const script = 'verifier.verify(token); setTimeout(() => process.exit(), 200)'
  const { milliseconds } = await runScript(t, { authority, api, token }, script)
  t.true(milliseconds < AT_ONCE)
})

test('an error that nobody takes ends a process as any other does, and says what happened', async (t) => {
  const { authority, api } = await setUp(t)
  authority.fail(404)
  const options = JSON.stringify(optionsFor(authority, { api }))
  const script = `require('entra-jwt-verify').createVerifier(${options}).preload()`
  const { code, stderr } = await runNode(['-e', script])
  t.is(code, 1)
  t.regex(stderr, /AuthError: signing keys unavailable: the authority answered 404/)
  t.regex(stderr, /code: 'ERR_KEYS_UNAVAILABLE'/)
})

test('through all faults nothing is left unhandled, open or running, and memory stays flat', async (t) => {
  const sufferer = startSufferer()
  t.teardown(() => sufferer.end())
  const { authority, api, giveBack } = await secure.borrow()
  t.deepEqual(await sufferer.verify('good', optionsFor(authority, { api }), [tokenFor(authority, api)]), ['verified'])
  await giveBack()
  const before = await sufferer.usage()

  t.deepEqual(await sufferAll(sufferer, { plain, secure }), expectedOutcomes())

  // It would have ended over a rejection that nobody handles, and answered nothing any more.
  const after = await usageLike(sufferer, before)
  const growth = (after.mostMemory - before.mostMemory) / 1_000_000
  t.log(`${faults.length} faults, ${growth.toFixed(1)} MB more at the worst moment`)
  // One body of 50 MB that is read, or one gzip bomb that is unpacked, is more than that.
  t.true(growth < 40)
})
