// One cache per process and key source, whoever asks, and whoever ends meanwhile.
import { fileURLToPath } from 'node:url'
import test from 'ava'
import { createVerifier } from 'entra-jwt-verify'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import { startSufferer } from '../helpers/fault-runner.mjs'
import { apisOf, fetches, manyApis, optionsFor, runNode, start, startWorker } from '../helpers/keys-setup.mjs'

// One for all that do without failures and delays. Each test has an API of its own there, hence a cache of its own.
let authority
let apis
test.before(async () => {
  authority = await startTestAuthority({ quiet: true, tls: true, apps: manyApis(140) })
  apis = apisOf(authority)
})
test.after.always(() => authority?.close())

/** Options for an API of one's own, changed by `more`, and a token. */
function setUp() {
  const api = apis.pop()
  return {
    api,
    options: (more) => optionsFor(authority, { api, ...more }),
    token: authority.issueToken({ audience: api.appIdUri })
  }
}

const ENDED_WORKERS = fileURLToPath(new URL('../helpers/keys-ended-workers.mjs', import.meta.url))
const ENDED_PHASES = fileURLToPath(new URL('../helpers/keys-ended-phases.mjs', import.meta.url))

for (const tls of [false, true]) {
  test(`eight workers that start at once make one request${tls ? ', over HTTPS too' : ''}`, async (t) => {
    const slow = await start(t, { tls })
    // So that the fetch is under way for as long as it takes all of them to ask.
    slow.delay(300)
    const workerData = {
      options: optionsFor(slow),
      token: slow.issueToken(),
      ready: new SharedArrayBuffer(4),
      count: 8
    }
    const workers = Array.from({ length: 8 }, () => startWorker(workerData))
    t.deepEqual(await Promise.all(workers.map(({ outcome }) => outcome)), new Array(8).fill('verified'))
    t.is(fetches(slow), 1)
  })
}

for (const where of ['everywhere', 'in the worker alone']) {
  test(`a worker that ends in the middle of a fetch harms nobody, with the addon loaded ${where}`, async (t) => {
    const rounds = 6
    const { code, signal, stdout, stderr } = await runNode([ENDED_WORKERS, where, String(rounds)])
    t.deepEqual({ code, signal, stderr }, { code: 0, signal: null, stderr: '' })
    t.deepEqual(JSON.parse(stdout), {
      others: new Array(where === 'everywhere' ? 2 * rounds : 0).fill('verified'),
      // One per round, whoever ended in it.
      fetched: rounds,
      later: 'verified',
      inMain: 'verified'
    })
  })
}

test('a worker that ends in whatever phase of a verification harms nobody', async (t) => {
  const { code, signal, stdout, stderr } = await runNode([ENDED_PHASES, '4'])
  t.deepEqual({ code, signal, stderr }, { code: 0, signal: null, stderr: '' })
  const phases = Object.entries(JSON.parse(stdout))
  t.true(phases.length > 5)
  for (const [phase, afterwards] of phases) t.deepEqual(afterwards, ['verified', 'verified'], phase)
})

// A first fetch over HTTPS takes two steps: the core decides on it, then it is told whom Node trusts. Another thread may
// come in between and tell that for keys of its own; here one thread plays both, with the core in its hands.
for (const [which, next] of [
  ['did not live to begin', 'verify(first)'],
  ['was about to begin', 'begin(kept).then(() => verify(first))']
]) {
  test(`a fetch that a thread decided on and ${which} begins, whoever says whom Node trusts`, async (t) => {
    const [first, other] = [setUp(), setUp()]
    const script = `
      const native = require('./lib/native')
      const { configure } = require('./lib/core/options')
      const { rootCertificates } = require('./lib/core/root-certificates')
      const { createVerifier } = require('entra-jwt-verify')
      const [first, other] = JSON.parse(process.argv[1])
      const verify = ({ options, token }) => createVerifier(options).verify(token)
      // As lib/core/verifier.js does after \`WAIT\`.
      async function begin(core) {
        if (core.needsRoots()) core.trust(rootCertificates())
        await core.settled()
      }
      const { core, noProxy } = configure(first.options)
      globalThis.kept = native.compile(core, noProxy)
      if (kept.checker()(first.token, Date.now() / 1000) !== native.WAIT) throw new Error('nothing is fetched')
      verify(other).then(() => ${next}).then(({ tenantId }) => console.log(tenantId))`
    const requests = [first, other].map(({ options, token }) => ({ options: options(), token }))
    const { code, stdout, stderr } = await runNode(['-e', script, JSON.stringify(requests)])
    t.deepEqual({ code, stderr, stdout: stdout.trim() }, { code: 0, stderr: '', stdout: authority.tenantId })
    t.is(fetches(authority, first.api), 1)
  })
}

test('verifiers with the same settings share, however the certificates were given', async (t) => {
  const { api, options, token } = setUp()
  const { ca } = authority
  const verifiers = [ca, Buffer.from(ca), [ca], [Buffer.from(ca)]].map((given) =>
    createVerifier(options({ ca: given }))
  )
  await verifiers[0].verify(token)
  for (const one of verifiers) t.is(one.verifySync(token).token, token)
  t.is(fetches(authority, api), 1)
})

test('verifiers that judge differently share all the same', async (t) => {
  const { api, options, token } = setUp()
  const issuer = `https://sts.windows.net/${authority.tenantId}/`
  const settings = [{}, { clockTolerance: 60 }, { audience: api.appIdUri }, { issuer }, { maxTokenLength: 4096 }]
  const verifiers = settings.map((more) => createVerifier(options(more)))
  await verifiers[0].verify(token)
  for (const one of verifiers) t.is(one.verifySync(token).token, token)
  t.is(fetches(authority, api), 1)
})

test('verifiers with other settings of the fetch do not share', async (t) => {
  const { api, options, token } = setUp()
  const settings = [
    {},
    { ca: [authority.ca, authority.ca] },
    { keys: { timeout: 4 } },
    { keys: { retention: 0 } },
    { keys: { cooldown: 29 } },
    { keys: { refreshInterval: 60 } }
  ]
  const verifiers = settings.map((more) => createVerifier(options(more)))
  for (const one of verifiers) {
    t.throws(() => one.verifySync(token), { code: 'ERR_KEYS_UNAVAILABLE' })
    await one.verify(token)
  }
  t.is(fetches(authority, api), settings.length)
})

test('keys of one API are not those of another', async (t) => {
  const [first, second] = [setUp(), setUp()]
  await createVerifier(first.options()).verify(first.token)
  await createVerifier(second.options()).verify(second.token)
  t.is(fetches(authority, first.api), 1)
  t.is(fetches(authority, second.api), 1)
})

test('keys that were fetched with more trust, or past the proxy, are not for a verifier without', async (t) => {
  const { options, token } = setUp()
  const one = createVerifier(options())
  await one.verify(token)
  // Nobody is at that proxy.
  for (const more of [{ ca: undefined }, { proxy: 'http://127.0.0.1:9' }]) {
    await t.throwsAsync(createVerifier(options(more)).verify(token), { code: 'ERR_KEYS_UNAVAILABLE' })
  }
  t.is(one.verifySync(token).token, token)
})

test('keys that a worker fetched are there for others once it has ended', async (t) => {
  const { api, options, token } = setUp()
  const keep = createVerifier(options())
  t.is(await startWorker({ options: options(), token }).outcome, 'verified')
  t.is(keep.verifySync(token).token, token)
  t.is(fetches(authority, api), 1)
})

test('the roots are there once, however many key sources there are', async (t) => {
  const sufferer = startSufferer()
  t.teardown(() => sufferer.end())
  const verify = async ({ api, options, token }) => sufferer.verify(api.clientId, options(), [token])
  t.deepEqual(await verify(setUp()), ['verified'])
  const before = await sufferer.usage()
  for (let i = 0; i < 100; i++) t.deepEqual(await verify(setUp()), ['verified'])
  const growth = ((await sufferer.usage()).memory - before.memory) / 1_000_000
  t.log(`${growth.toFixed(1)} MB more for a hundred verifiers over HTTPS`)
  // With roots of their own they would be nearly fifty.
  t.true(growth < 15)
})
