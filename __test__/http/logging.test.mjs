// What the operator reads: why requests are rejected and what to do, in whichever logger, in a bounded number of lines, and
// never a token.
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { performance } from 'node:perf_hooks'
import { Writable } from 'node:stream'
import test from 'ava'
import bunyan from 'bunyan'
import { createCheckAuthToken, requireRole } from 'entra-jwt-verify'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import pino from 'pino'
import sinon from 'sinon'
import winston from 'winston'
import { frameworks, serve } from '../helpers/app.mjs'
import { callNow } from '../helpers/pollution.mjs'
import { optionsFor } from '../helpers/start.mjs'

const require = createRequire(import.meta.url)
const { authError } = require('../../lib/core/errors.js')
const { RejectionLog } = require('../../lib/http/rejection-log.js')

test.before(async (t) => {
  const authority = await startTestAuthority({ quiet: true })
  const options = optionsFor(authority)
  const keeper = createCheckAuthToken(options)
  await keeper.verifier.preload()
  t.context = { authority, keeper, options, create: (more) => createCheckAuthToken({ ...options, ...more }) }
})
test.after.always((t) => t.context.authority.close())

/** A logger that keeps what it is given, by level. */
function recorder() {
  const lines = { error: [], warn: [] }
  return { lines, error: (...parts) => lines.error.push(parts), warn: (...parts) => lines.warn.push(parts) }
}

function sink() {
  const stream = new Writable({
    write(chunk, _encoding, done) {
      stream.text += chunk
      done()
    }
  })
  stream.text = ''
  return stream
}

const loggers = {
  console: (stream) => new console.Console(stream),
  pino: (stream) => pino(stream),
  "pino's child": (stream) => pino(stream).child({ module: 'auth' }),
  'pino with other keys': (stream) => pino({ messageKey: 'message', errorKey: 'error' }, stream),
  winston: (stream) =>
    winston.createLogger({ format: winston.format.json(), transports: [new winston.transports.Stream({ stream })] }),
  "winston's child": (stream) =>
    winston
      .createLogger({ format: winston.format.json(), transports: [new winston.transports.Stream({ stream })] })
      .child({ module: 'auth' }),
  bunyan: (stream) => bunyan.createLogger({ name: 'auth', stream }),
  'bunyan with its serializers': (stream) =>
    bunyan.createLogger({ name: 'auth', stream, serializers: bunyan.stdSerializers }),
  "bunyan's child": (stream) => bunyan.createLogger({ name: 'auth', stream }).child({ module: 'auth' })
}

/** JSON is one line for each entry; what console prints has as many as it likes. */
const isText = (name) => name === 'console'

for (const [name, make] of Object.entries(loggers)) {
  test(`${name}: an error keeps its code, message and hint`, async (t) => {
    const stream = sink()
    const { authority, create, keeper } = t.context
    const send = await serve(t, frameworks['Express 5'](create({ logger: make(stream) })))
    const tampered = authority.issueToken().replace(/.{40}$/, 'A'.repeat(40))
    t.is((await send(`Bearer ${tampered}`)).status, 500)
    await new Promise(setImmediate)
    const { code, message } = await t.throwsAsync(keeper.verifier.verify(tampered))
    const { hint } = (await keeper.verifier.explain(tampered)).findings[0]
    for (const kept of ['Error in checkAuthToken', code, message, 'hint', hint.slice(0, 30)]) {
      t.true(stream.text.includes(kept), `${kept}: ${stream.text}`)
    }
    t.false(stream.text.includes(tampered.slice(-60, -41)))
    if (!isText(name)) t.is(stream.text.trim().split('\n').length, 1)
  })

  test(`${name}: a rejection with a 4xx is one line that says what and why and what to do`, async (t) => {
    const stream = sink()
    const { authority, create } = t.context
    const send = await serve(t, frameworks['Express 5'](create({ logger: make(stream) })))
    t.is((await send(`Bearer ${authority.issueToken({ audience: 'api://another' })}`)).status, 401)
    await new Promise(setImmediate)
    t.is(stream.text.trim().split('\n').length, 1)
    t.regex(
      stream.text,
      /checkAuthToken refused 401 ERR_TOKEN_AUDIENCE: an app-only token for another API[^.]*\. [A-Z].{20}/
    )
    if (!isText(name))
      t.like(JSON.parse(stream.text), { level: { winston: 'warn', "winston's child": 'warn' }[name] ?? 40 })
  })
}

test('the line of a 4xx has what explain recognises and its action, and no part of the token', async (t) => {
  const { authority, create } = t.context
  const logger = recorder()
  const middleware = create({ logger, requiredRoles: ['Task.Read'] })
  const tokens = {
    ERR_TOKEN_EXPIRED: { expiresIn: -7200 },
    ERR_TOKEN_AUDIENCE: { audience: 'api://another' },
    ERR_TOKEN_TENANT: { tenantId: crypto.randomUUID() },
    ERR_TOKEN_ISSUER: { claims: { iss: 'https://issuer.example' } },
    ERR_TOKEN_POLICY: { roles: [] },
    ERR_TOKEN_GRAPH: { header: { nonce: 'n' } }
  }
  for (const [code, overrides] of Object.entries(tokens)) {
    const token = authority.issueToken(overrides)
    const { status } = callNow(middleware, { authorization: `Bearer ${token}` })
    const [line, ...more] = logger.lines.warn.at(-1)
    t.deepEqual(more, [], code)
    const { name, message, hint } = (await middleware.verifier.explain(token)).findings[0]
    const [first, ...rest] = hint
    t.is(line, `checkAuthToken refused ${status} ${code}: ${message}. ${first.toUpperCase()}${rest.join('')}`, name)
    for (const part of token.split('.')) t.false(line.includes(part), code)
  }
  t.is(logger.lines.warn.length, Object.keys(tokens).length)
  t.deepEqual(logger.lines.error, [])
})

test('a request without a token is not logged', (t) => {
  for (const responses of ['classic', 'rfc6750']) {
    const logger = recorder()
    const middleware = t.context.create({ logger, responses })
    for (const authorization of [undefined, 'Basic dXNlcjpwYXNz', 'Bearer', 'Bearer '])
      callNow(middleware, { authorization })
    t.deepEqual(logger.lines, { error: [], warn: [] }, responses)
  }
})

test("a token without 'Bearer ' in front of it is logged, and the answer stays that of a missing token", (t) => {
  const { authority, create } = t.context
  const token = authority.issueToken()
  const expected =
    "ERR_TOKEN_MISSING: a token came without 'Bearer ' in front of it. Send the header Authorization: Bearer <access token>, with " +
    "one space after 'Bearer' and without quotation marks"
  const forms = [
    token,
    `JWT ${token}`,
    `Token ${token}`,
    `Bearer: ${token}`,
    `Bearer=${token}`,
    `Bearer${token}`,
    `"${token}"`,
    `"Bearer ${token}"`
  ]
  for (const authorization of forms) {
    for (const responses of ['classic', 'rfc6750']) {
      const logger = recorder()
      const middleware = create({ logger, responses })
      const similar = /^Bearer[:=]/.test(authorization) && responses === 'rfc6750' ? 'Bearer' : 'Basic dXNlcjpwYXNz'
      const { req: _, ...answer } = callNow(middleware, { authorization })
      const { req: _similar, ...missing } = callNow(middleware, { authorization: similar })
      t.deepEqual(answer, missing, authorization)
      callNow(middleware, { authorization })
      t.deepEqual(logger.lines, { error: [], warn: [[`checkAuthToken refused ${answer.status} ${expected}`]] })
    }
  }
  const logger = recorder()
  const optional = create({ logger, optional: true })
  for (const authorization of [undefined, 'Basic dXNlcjpwYXNz', token]) {
    const { passed, req } = callNow(optional, { authorization })
    t.deepEqual([passed, req.auth], [[[]], undefined])
  }
  t.deepEqual(logger.lines, { error: [], warn: [[`checkAuthToken admitted anonymously ${expected}`]] })
  // Another scheme is not a misspelt one.
  const other = create({ logger })
  for (const scheme of ['DPoP', 'PoP', 'MAC', 'Signature', 'ApiKey', 'Basic', 'DPoP:', 'DPoP "']) {
    callNow(other, { authorization: `${scheme} ${token}` })
    t.is(logger.lines.warn.length, 1, scheme)
  }
  // Read from elsewhere, the header is not this package's.
  callNow(create({ logger, getToken: () => undefined }), { authorization: token })
  t.is(logger.lines.warn.length, 1)
})

test('what a guard rejects is logged once with its code', (t) => {
  const { authority, create } = t.context
  const logger = recorder()
  const { req } = callNow(create({ logger }), { authorization: `Bearer ${authority.issueToken()}` })
  for (let count = 0; count < 5; count++) callNow(requireRole('Admin'), { auth: req.auth })
  t.is(logger.lines.warn.length, 1)
  t.regex(
    logger.lines.warn[0][0],
    /^checkAuthToken refused 403 ERR_TOKEN_POLICY: an app-only token without the role Admin\. Add the permission/
  )
})

/** Moves the clock of the limits, which fake timers of an application do not move. */
function movingClock(t) {
  const stub = sinon.stub(performance, 'now').returns(1000)
  t.teardown(() => stub.restore())
  return (milliseconds) => stub.returns(1000 + milliseconds)
}

test.serial('errors: the first of a code at once, then one a second, with the number that was left out', (t) => {
  const logger = recorder()
  const middleware = t.context.create({ logger })
  const sendJunk = (count) => {
    for (let sent = 0; sent < count; sent++) callNow(middleware, { authorization: 'Bearer junk' })
  }
  const moveTo = movingClock(t)
  const logged = () => logger.lines.error.map(([text, error, more]) => [text, error.code, more])
  sendJunk(1)
  const first = ['Error in checkAuthToken: ', 'ERR_TOKEN_MALFORMED', undefined]
  t.deepEqual(logged(), [first])
  sendJunk(10)
  moveTo(999)
  sendJunk(10)
  t.deepEqual(logged(), [first])
  moveTo(1000)
  sendJunk(3)
  const second = ['Error in checkAuthToken: ', 'ERR_TOKEN_MALFORMED', { omitted: 20 }]
  t.deepEqual(logged(), [first, second])
  moveTo(5000)
  sendJunk(1)
  t.deepEqual(logged(), [first, second, ['Error in checkAuthToken: ', 'ERR_TOKEN_MALFORMED', { omitted: 2 }]])
  moveTo(7000)
  sendJunk(1)
  t.deepEqual(logged().at(-1), first)
})

test.serial('warnings: the first of a code at once, then one a minute, with the number that was left out', (t) => {
  const { authority, create } = t.context
  const logger = recorder()
  const middleware = create({ logger })
  const authorization = `Bearer ${authority.issueToken({ expiresIn: -1 })}`
  const moveTo = movingClock(t)
  const sendExpired = () => callNow(middleware, { authorization })
  for (const at of [0, 1, 1000, 30_000, 59_999, 60_000, 60_001, 150_000]) {
    moveTo(at)
    sendExpired()
  }
  const lines = logger.lines.warn.map(([line]) => line.slice(0, line.indexOf(',')))
  t.deepEqual(lines, [
    'checkAuthToken refused 401 ERR_TOKEN_EXPIRED: a token that expired a moment ago',
    'checkAuthToken refused 401 ERR_TOKEN_EXPIRED (omitted 4): a token that expired a moment ago',
    'checkAuthToken refused 401 ERR_TOKEN_EXPIRED (omitted 1): a token that expired a moment ago'
  ])
})

test.serial('warnings: another mistake of the same code is logged too, up to five in a minute', (t) => {
  const { authority, create } = t.context
  const logger = recorder()
  const middleware = create({ logger })
  const moveTo = movingClock(t)
  const send = (audience) => callNow(middleware, { authorization: `Bearer ${authority.issueToken({ audience })}` })
  const lines = () =>
    logger.lines.warn
      .splice(0)
      .map(([line]) => /ERR_TOKEN_AUDIENCE(?: \(omitted (\d+)\))?: a.* token for (.*?)[,.] /.exec(line)?.slice(1))
  send('https://vault.azure.net')
  send('https://vault.azure.net')
  send('https://management.azure.com')
  t.deepEqual(lines(), [
    [undefined, 'Azure Key Vault'],
    ['1', 'Azure Resource Manager']
  ])
  send('https://vault.azure.net')
  send('https://vault.azure.net')
  // Five tokens were looked at; from now on one in a second.
  send('https://storage.azure.com')
  moveTo(999)
  send('https://storage.azure.com')
  t.deepEqual(lines(), [])
  moveTo(1000)
  send('https://storage.azure.com')
  t.deepEqual(lines(), [['4', 'Azure Storage']])
  for (const [at, audience] of [
    [2000, 'https://database.windows.net'],
    [3000, 'https://servicebus.azure.net'],
    [4000, 'https://graph.microsoft.com'],
    [59_999, 'https://graph.microsoft.com']
  ]) {
    moveTo(at)
    send(audience)
  }
  t.is(lines().length, 2, 'five in all')
  moveTo(60_000)
  send('https://graph.microsoft.com')
  t.is(lines()[0][0], '2')
})

test.serial('tokens that expired at different times are one mistake', (t) => {
  const { authority, create } = t.context
  const logger = recorder()
  const middleware = create({ logger })
  movingClock(t)
  for (const expiresIn of [-7200, -10_800, -14_400]) {
    callNow(middleware, { authorization: `Bearer ${authority.issueToken({ expiresIn })}` })
  }
  t.is(logger.lines.warn.length, 1)
})

test('guards: each missing role is logged', (t) => {
  const { authority, create } = t.context
  const logger = recorder()
  const { req } = callNow(create({ logger }), { authorization: `Bearer ${authority.issueToken()}` })
  for (const role of ['Admin', 'Task.Write', 'Admin']) callNow(requireRole(role), { auth: req.auth })
  t.deepEqual(
    logger.lines.warn.map(([line]) => /without the role ([\w.]+)\./.exec(line)[1]),
    ['Admin', 'Task.Write']
  )
})

test.serial('each code has a limit of its own, and each middleware', (t) => {
  const { authority, create } = t.context
  movingClock(t)
  const [one, other] = [recorder(), recorder()]
  const tokens = [
    'junk',
    authority.issueToken({ algorithm: 'PS256' }),
    authority.issueToken().replace(/.{40}$/, 'A'.repeat(40)),
    authority.issueToken({ expiresIn: -1 }),
    authority.issueToken({ tenantId: crypto.randomUUID() })
  ]
  for (const logger of [one, other]) {
    const middleware = create({ logger })
    for (const token of [...tokens, ...tokens]) callNow(middleware, { authorization: `Bearer ${token}` })
    const errors = logger.lines.error.map(([, { code }]) => code)
    t.deepEqual(errors, ['ERR_TOKEN_MALFORMED', 'ERR_TOKEN_ALGORITHM', 'ERR_TOKEN_SIGNATURE'])
    t.is(logger.lines.warn.length, 2)
  }
})

test('by the real clock: a second later, the next one is logged', async (t) => {
  const logger = recorder()
  const middleware = t.context.create({ logger })
  const send = () => callNow(middleware, { authorization: 'Bearer junk' })
  send()
  send()
  await new Promise((resolve) => setTimeout(resolve, 1050))
  send()
  t.deepEqual(
    logger.lines.error.map(([, , more]) => more),
    [undefined, { omitted: 1 }]
  )
})

test.serial('an outage that begins again is told again, with a stack', (t) => {
  const logger = recorder()
  const log = new RejectionLog(logger)
  const outage = () => authError({ code: 'ERR_KEYS_UNAVAILABLE', message: 'signing keys unavailable', hint: 'wait' })
  const moveTo = movingClock(t)
  for (const at of [0, 10, 20, 3_600_000, 3_600_010]) {
    moveTo(at)
    log.answered(outage(), 503)
  }
  t.deepEqual(
    logger.lines.error.map(([, { code }, more]) => [code, more]),
    [
      ['ERR_KEYS_UNAVAILABLE', undefined],
      ['ERR_KEYS_UNAVAILABLE', { omitted: 2 }]
    ]
  )
  for (const [, { stack }] of logger.lines.error) t.regex(stack, /\n {4}at /)
})

test.serial('fake timers of an application neither open nor close the limits', (t) => {
  const logger = recorder()
  const middleware = t.context.create({ logger })
  const send = () => callNow(middleware, { authorization: 'Bearer junk' })
  send()
  const clock = sinon.useFakeTimers({ now: 0 })
  t.teardown(() => clock.restore())
  send()
  clock.tick(3_600_000)
  send()
  t.is(logger.lines.error.length, 1)
})

/** Runs a server's code in a process of its own; it gets `create`, `call` and `tokens`. */
function run(t, code, { variables = {}, tokens = [] } = {}) {
  const { options, keeper } = t.context
  const script = `
    const entra = require(${JSON.stringify(require.resolve('../../index.js'))})
    const { options, tokens } = JSON.parse(require('node:fs').readFileSync(0, 'utf8'))
    const create = (more) => entra.createCheckAuthToken({ ...options, ...more })
    const call = (middleware, authorization, req = {}) => new Promise((resolve) => {
      const end = (body) => resolve(body)
      Object.assign(req, { headers: { authorization } })
      middleware(req, { setHeader() {}, getHeader() {}, end }, () => resolve('passed'))
    });
    (async () => { ${code} })()`
  const child = spawnSync(process.execPath, ['-e', script], {
    env: { ...process.env, NODE_DEBUG: '', FORCE_COLOR: '0', ...variables },
    input: JSON.stringify({ options: { ...options, jwks: jwksOf(t) }, tokens }),
    encoding: 'utf8',
    timeout: 30_000,
    maxBuffer: 64 * 1024 * 1024
  })
  t.is(child.status, 0, child.stderr)
  t.truthy(keeper)
  return child
}

const jwksOf = (t) => ({ keys: t.context.authority.keys.map(({ jwk }) => jwk) })

test('a thousand junk tokens make the default logger write less than 16 kB', (t) => {
  const { authority } = t.context
  const good = authority.issueToken()
  const long = 'x'.repeat(3000)
  const junk = [
    'junk',
    'undefined',
    long,
    good.slice(0, -40) + 'A'.repeat(40),
    good.slice(0, 200),
    authority.issueToken({ algorithm: 'PS256' }),
    authority.issueToken({ header: { kid: long } }),
    authority.issueToken({ expiresIn: -1 }),
    authority.issueToken({ audience: long }),
    authority.issueToken({ tenantId: crypto.randomUUID() }),
    authority.issueToken({ claims: { iss: `https://${long}` } }),
    authority.issueToken({ claims: { exp: long } }),
    authority.issueToken({ header: { nonce: long } })
  ]
  const code = `
    const middleware = create()
    for (let sent = 0; sent < 1000; sent++) await call(middleware, 'Bearer ' + tokens[sent % tokens.length])`
  const { stderr, stdout } = run(t, code, { tokens: junk })
  const written = Buffer.byteLength(stderr + stdout)
  t.true(written < 16 * 1024, `${written} bytes`)
  t.true(written > 500, `${written} bytes`)
  t.regex(stderr, /Error in checkAuthToken: .*jwt malformed/)
  t.regex(stderr, /^checkAuthToken refused 401 ERR_TOKEN_AUDIENCE: /m)
  // Neither a token nor the text that a stranger chose.
  t.notRegex(stderr, /ey[\w-]{20,}|x{500}/)
})

test('a thousand junk tokens of one kind make one entry a second', (t) => {
  const code = `
    const middleware = create()
    for (let sent = 0; sent < 1000; sent++) await call(middleware, 'Bearer ' + sent)`
  const { stderr } = run(t, code)
  const entries = stderr.match(/Error in checkAuthToken/g).length
  t.true(entries <= 5, `${entries} entries`)
  t.true(Buffer.byteLength(stderr) < 4096)
})

test('NODE_DEBUG=entra-jwt-verify says every rejection, with code, claim and hint, and never a token', (t) => {
  const { authority } = t.context
  const tokens = {
    ERR_TOKEN_EXPIRED: authority.issueToken({ expiresIn: -1 }),
    ERR_TOKEN_AUDIENCE: authority.issueToken({ audience: 'api://another' }),
    ERR_TOKEN_TENANT: authority.issueToken({ tenantId: crypto.randomUUID() }),
    ERR_TOKEN_SIGNATURE: authority.issueToken().replace(/.{40}$/, 'A'.repeat(40))
  }
  const code = `
    for (const responses of ['classic', 'rfc6750', 'next', (error, req, res) => res.end()]) {
      const middleware = create({ logger: false, responses })
      for (let round = 0; round < 3; round++) {
        for (const token of tokens.slice(0, -1)) await call(middleware, 'Bearer ' + token)
        await call(middleware, undefined)
      }
      const req = {}
      await call(middleware, 'Bearer ' + tokens.at(-1), req)
      await new Promise((resolve) => entra.requireRole('Admin')(req, { setHeader() {}, getHeader() {}, end: resolve }, resolve))
    }`
  const good = authority.issueToken()
  const { stderr } = run(t, code, {
    tokens: [...Object.values(tokens), good],
    variables: { NODE_DEBUG: 'entra-jwt-verify' }
  })
  const lines = stderr.trim().split('\n')
  t.is(lines.length, 4 * (3 * 5 + 1))
  for (const line of lines)
    t.regex(line, /^ENTRA-JWT-VERIFY \d+: rejected \d{3} ERR_\w+( \([^)]+\))?: [^.]+\. [^a-z].{8,}$/)
  for (const expected of [
    /rejected 401 ERR_TOKEN_MISSING: no bearer token\. Send the header/,
    /rejected 401 ERR_TOKEN_EXPIRED \(claim exp, reason expired\): jwt expired\. Get a new token/,
    /rejected 401 ERR_TOKEN_AUDIENCE \(claim aud[^)]*\): /,
    /rejected 500 ERR_TOKEN_SIGNATURE: invalid signature\. /,
    /rejected 403 ERR_TOKEN_POLICY \(claim roles, reason role\): required role missing\. /
  ]) {
    t.regex(stderr, expected)
  }
  for (const token of [...Object.values(tokens), good]) {
    for (const part of token.split('.').slice(1)) t.false(stderr.includes(part))
  }
})

test("NODE_DEBUG=entra-jwt-verify says that a token came without 'Bearer '", (t) => {
  const token = t.context.authority.issueToken()
  const { stderr } = run(
    t,
    'for (const optional of [false, true]) await call(create({ logger: false, optional }), tokens[0])',
    { tokens: [token], variables: { NODE_DEBUG: 'entra-jwt-verify' } }
  )
  const [refused, admitted] = stderr.trim().split('\n')
  t.regex(refused, /: rejected 401 ERR_TOKEN_MISSING: a token came without 'Bearer ' in front of it\. Send/)
  t.regex(admitted, /: admitted anonymously ERR_TOKEN_MISSING: a token came without 'Bearer ' in front of it\. Send/)
  t.notRegex(stderr, /eyJ/)
})

test('without NODE_DEBUG, a silent logger writes nothing', (t) => {
  const { authority } = t.context
  const code = `for (const token of tokens) await call(create({ logger: false }), 'Bearer ' + token)`
  const tokens = ['junk', authority.issueToken({ expiresIn: -1 })]
  for (const NODE_DEBUG of ['', 'http-client', 'entra']) {
    t.is(run(t, code, { tokens, variables: { NODE_DEBUG } }).stderr.replace(/^HTTP.*$/gm, ''), '')
  }
})

const thrower = () => {
  throw new Error('of the logger')
}

test('a logger that fails changes no answer', async (t) => {
  const { authority, create } = t.context
  const late = {}
  const failing = {
    'methods that throw': { error: thrower, warn: thrower },
    'a getter of warn that throws': Object.defineProperty({ error: () => undefined }, 'warn', { get: thrower }),
    'a getter of error that throws later': Object.defineProperty({ warn: thrower }, 'error', {
      get: () => (late.isThere ? thrower() : thrower)
    }),
    'methods that are gone later': { error: thrower, warn: thrower },
    'a proxy that throws': new Proxy(
      { error: thrower, warn: thrower },
      { get: (target, name) => (late.isThere ? thrower() : target[name]) }
    ),
    'methods that reject': { error: async () => thrower(), warn: async () => thrower() },
    'a result whose then throws': { error: () => Object.defineProperty({}, 'then', { get: thrower }) },
    'no warn': { error: thrower },
    'a warn that is none': { error: thrower, warn: 'warn' },
    'a child that throws': { error: thrower, warn: thrower, child: thrower, bindings: thrower },
    'a getter of child that throws': Object.defineProperty({ error: thrower }, 'child', { get: thrower })
  }
  for (const [name, logger] of Object.entries(failing)) {
    late.isThere = false
    const send = await serve(t, frameworks['Express 5'](create({ logger })))
    if (name.includes('gone')) Object.assign(logger, { error: undefined, warn: undefined })
    late.isThere = true
    const bad = await send('Bearer junk')
    t.deepEqual([bad.status, bad.body], [500, 'Internal Server Error, jwt malformed'], name)
    const expired = await send(`Bearer ${authority.issueToken({ expiresIn: -1 })}`)
    t.is(expired.status, 401, name)
    t.is((await send(`Bearer ${authority.issueToken()}`)).status, 200, name)
  }
})

test('the methods of a logger are called on it', (t) => {
  const { authority, create } = t.context
  class Logger {
    #lines = []
    error(...parts) {
      this.#lines.push(parts)
    }
    warn(...parts) {
      this.#lines.push(parts)
    }
    get count() {
      return this.#lines.length
    }
  }
  const logger = new Logger()
  const middleware = create({ logger })
  callNow(middleware, { authorization: 'Bearer junk' })
  callNow(middleware, { authorization: `Bearer ${authority.issueToken({ expiresIn: -1 })}` })
  t.is(logger.count, 2)
})

const CONTROLS = '\r\n\u001b[31mred\u0000\u0007\u0085\u2028\u2029\u202e\u200b'

test('control characters cannot break the line, wherever a stranger puts them', (t) => {
  const { authority, create } = t.context
  const logger = recorder()
  for (const overrides of [
    { audience: `api://${CONTROLS}` },
    { header: { kid: CONTROLS } },
    { header: { typ: CONTROLS } },
    { header: { nonce: CONTROLS } },
    { header: { alg: CONTROLS } },
    { tenantId: CONTROLS },
    { claims: { iss: CONTROLS } },
    { claims: { tid: CONTROLS } },
    { claims: { ver: CONTROLS } },
    { claims: { idtyp: CONTROLS } },
    { claims: { exp: CONTROLS } },
    { claims: { appid: CONTROLS } },
    { claims: { [CONTROLS]: CONTROLS } },
    { claims: { roles: [CONTROLS] } }
  ]) {
    const token = authority.issueToken(overrides)
    const middleware = create({ logger, requiredRoles: ['Admin'], allowedClients: [crypto.randomUUID()] })
    callNow(middleware, { authorization: `Bearer ${token}` })
  }
  callNow(create({ logger }), { authorization: `Bearer ${CONTROLS}` })
  const lines = [...logger.lines.warn.map(([line]) => line), ...logger.lines.error.map(([, error]) => error.stack)]
  t.true(lines.length > 8)
  for (const line of lines) t.notRegex(line, /\p{C}|\p{Zl}|\p{Zp}/u)
  for (const [, { code, claim, hint, headers }] of logger.lines.error) {
    t.notRegex([code, claim, hint, ...Object.values(headers)].join(' '), /\p{C}|\p{Zl}|\p{Zp}/u)
  }
})

test('a line is one, whatever an error says', (t) => {
  const logger = recorder()
  const log = new RejectionLog(logger)
  log.answered(authError({ code: 'ERR_TOKEN_POLICY', message: `a${CONTROLS}b`, hint: `c${CONTROLS}d` }), 403)
  const [[line]] = logger.lines.warn
  t.notRegex(line, /\p{C}|\p{Zl}|\p{Zp}/u)
  t.true(line.startsWith('checkAuthToken refused 403 ERR_TOKEN_POLICY: a??'))
})
