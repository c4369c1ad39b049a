// What options may be made of: own, enumerable properties of plain objects, read once. Anything else is a mistake that names the
// option; nothing is passed over in silence, and no exception of another kind comes out.
import vm from 'node:vm'
import test from 'ava'
import { AuthError, createCheckAuthToken, createVerifier } from 'entra-jwt-verify'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import { optionsFor } from '../helpers/start.mjs'

const good = { tenantId: '7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a11', audience: 'api://tasks' }

test.before(async (t) => {
  const authority = await startTestAuthority({ quiet: true })
  // Without `ca`, which is undefined, so that every form has the same members.
  const { ca: _, ...options } = optionsFor(authority)
  const keeper = createVerifier(options)
  await keeper.preload()
  const roles = ['Task.Read']
  t.context = {
    authority,
    keeper,
    options: { ...options, requiredRoles: roles },
    good: authority.issueToken({ roles }),
    poor: authority.issueToken({ roles: ['Other'] })
  }
})
test.after.always((t) => t.context.authority.close())

function configError(t, create, mention, message) {
  const error = t.throws(create, { instanceOf: AuthError, code: 'ERR_CONFIG' }, message)
  t.regex(error?.message, mention, message)
  return error
}

test('plain objects work: literals, without a prototype, frozen, of another realm, behind a transparent proxy', (t) => {
  const { options, good, poor } = t.context
  const forms = {
    literal: { ...options },
    'without a prototype': Object.assign(Object.create(null), options),
    frozen: Object.freeze({ ...options, requiredRoles: Object.freeze([...options.requiredRoles]) }),
    'of another realm': vm.runInNewContext(`(${JSON.stringify(options)})`),
    'with getters': Object.defineProperty({ ...options }, 'tenantId', {
      get: () => options.tenantId,
      enumerable: true
    }),
    'behind a proxy': new Proxy({ ...options }, {})
  }
  for (const [name, form] of Object.entries(forms)) {
    const verifier = createVerifier(form)
    t.deepEqual(verifier.verifySync(good).roles, ['Task.Read'], name)
    t.throws(() => verifier.verifySync(poor), { code: 'ERR_TOKEN_POLICY' }, name)
    t.notThrows(() => createCheckAuthToken({ ...form, logger: false }), name)
  }
})

test('options in a second argument, which would be ignored, are a mistake', (t) => {
  const { options } = t.context
  for (const create of [createVerifier, createCheckAuthToken]) {
    configError(
      t,
      () => create(options, { requiredRoles: ['Admin'] }),
      /: expected one argument, the options, got more$/
    )
  }
  t.notThrows(() => createVerifier(options, undefined))
})

test('null in a key set is an entry that cannot be used, and no more', async (t) => {
  const { authority, options, good } = t.context
  const { keys } = await (await fetch(`${authority.url}/${authority.tenantId}/discovery/keys`)).json()
  const verifier = createVerifier({ ...options, jwks: { keys: [null, ...keys], more: null } })
  t.deepEqual(verifier.verifySync(good).roles, ['Task.Read'])
})

test('members of other realms work', (t) => {
  const { options, good, poor } = t.context
  const verifier = createVerifier({
    ...options,
    requiredRoles: vm.runInNewContext(`['Task.Read']`),
    keys: vm.runInNewContext('({ retention: 86400 })')
  })
  t.throws(() => verifier.verifySync(poor), { code: 'ERR_TOKEN_POLICY' })
  t.is(
    createVerifier({ ...options, requiredRoles: vm.runInNewContext(`['Task.Read']`) }).verifySync(good).roles.length,
    1
  )
})

class Settings {
  tenantId = good.tenantId
  audience = good.audience
}

class Accessors {
  get tenantId() {
    return good.tenantId
  }
}

test('inherited options are a mistake', (t) => {
  for (const inherits of [
    Object.create(good),
    Object.create({ requiredRoles: ['Admin'] }, Object.getOwnPropertyDescriptors(good)),
    new Settings(),
    new Accessors(),
    new (class extends Settings {})(),
    Object.setPrototypeOf({ ...good }, Object.create(Object.prototype)),
    vm.runInNewContext('Object.create({ tenantId: "a" })'),
    new Map(Object.entries(good)),
    new URLSearchParams(good),
    new Date(),
    process.env
  ]) {
    configError(t, () => createVerifier(inherits), /options.*plain object.*spread/)
  }
})

test('inherited members of an option are a mistake', (t) => {
  for (const [options, name] of [
    [{ keys: Object.create({ timeout: 1 }) }, 'keys'],
    [{ keys: new (class Keys {})() }, 'keys'],
    [{ jwks: Object.create({ keys: [] }) }, 'jwks'],
    [{ jwks: { keys: [Object.create({ kty: 'RSA' })] } }, 'jwks'],
    [{ resourceMetadata: Object.create({ resource: 'https://api.example' }) }, 'resourceMetadata']
  ]) {
    configError(t, () => createCheckAuthToken({ ...good, ...options }), new RegExp(`option ${name}.*class`), name)
  }
})

test('a set or a map in place of a list is named, with what to write', (t) => {
  for (const name of [
    'allowedTenants',
    'allowedClients',
    'requiredRoles',
    'requiredScopes',
    'audience',
    'algorithms'
  ]) {
    const create = (value) => () => createVerifier({ ...good, [name]: value })
    configError(t, create(new Set(['a'])), new RegExp(`option ${name}: .*got a Set: pass \\[\\.\\.\\.set\\]$`))
    configError(
      t,
      create(new Map([['a', 1]])),
      new RegExp(`option ${name}: .*got a Map: pass \\[\\.\\.\\.map\\.keys\\(\\)\\]`)
    )
    // Rows of a database.
    configError(t, create(['a', { id: 'a' }]), new RegExp(`option ${name}: .*got an object at index 1$`))
    configError(t, create([null]), new RegExp(`option ${name}: .*got null at index 0$`))
  }
})

test('a list in one string is a mistake, except of audiences', (t) => {
  for (const name of ['allowedTenants', 'allowedClients', 'requiredRoles', 'requiredScopes']) {
    for (const value of ['A,B', 'A B']) {
      configError(t, () => createVerifier({ ...good, [name]: value }), new RegExp(`option ${name}: .*pass an array`))
    }
  }
})

test('options of passport-azure-ad lead to its guide', (t) => {
  for (const name of ['validateIssuer', 'loggingLevel', 'passReqToCallback', 'isB2C']) {
    configError(t, () => createVerifier({ ...good, [name]: true }), /docs\/migrating\/from-passport-azure-ad\.md$/)
  }
})

test('hidden members are a mistake', (t) => {
  const hidden = (name, value) => Object.defineProperty({ ...good }, name, { value, enumerable: false })
  configError(t, () => createVerifier(hidden('requiredRoles', ['Admin'])), /requiredRoles.*hidden/)
  configError(t, () => createVerifier(hidden('toJSON', () => ({}))), /toJSON.*hidden/)
  configError(t, () => createVerifier({ ...good, [Symbol('requiredRoles')]: ['Admin'] }), /symbol.*hidden/)
  configError(t, () => createVerifier({ ...good, [Symbol.toPrimitive]: () => 'x' }), /symbol.*hidden/)
  const keys = Object.defineProperty({}, 'timeout', { value: 5, enumerable: false })
  configError(t, () => createVerifier({ ...good, keys }), /keys.*timeout.*hidden/)
})

test('an own toJSON is no option and has no say', (t) => {
  const toJSON = () => ({ ...good, requiredRoles: [] })
  configError(t, () => createVerifier({ ...good, requiredRoles: ['Admin'], toJSON }), /toJSON/)
  configError(t, () => createVerifier({ ...good, toJSON: {} }), /toJSON/)
  configError(t, () => createVerifier({ ...good, keys: { timeout: 5, toJSON } }), /keys/)
  const requiredRoles = Object.assign(['Admin'], { toJSON: () => ['Everybody'] })
  configError(t, () => createVerifier({ ...good, requiredRoles }), /requiredRoles/)
})

test('values that JSON cannot carry are a mistake of the option in which they stand', (t) => {
  const circular = { timeout: 5 }
  circular.self = circular
  const endless = []
  endless.push(endless)
  let deep = {}
  for (let level = 0; level < 2000; level++) deep = { deep }
  // biome-ignore lint/suspicious/noSparseArray: that is the case.
  const sparse = ['Admin', , 'Other']
  for (const [name, value] of Object.entries({
    tenantId: Symbol('tenant'),
    clientId: 10n,
    audience: () => 'api://tasks',
    authorityHost: new URL('https://login.microsoftonline.com'),
    authority: new URL('https://login.microsoftonline.com/common'),
    allowedTenants: sparse,
    allowedClients: new Set(['client']),
    requiredRoles: sparse,
    requiredScopes: { length: 1, 0: Symbol('scope') },
    issuer: Number.NaN,
    algorithms: [Symbol('RS256')],
    clockTolerance: Number.POSITIVE_INFINITY,
    maxTokenLength: new Number(300),
    jwks: circular,
    jwksUri: new String('https://keys.example'),
    keys: deep,
    tokenCache: 5n,
    ca: endless,
    proxy: new URL('http://proxy.example'),
    resourceMetadata: circular
  })) {
    configError(
      t,
      () => createCheckAuthToken({ ...good, logger: false, [name]: value }),
      new RegExp(`option ${name}`),
      name
    )
  }
})

test('a promise, a regular expression and a missing element are named', (t) => {
  const promise = Promise.resolve(good)
  const create = (options) => () => createCheckAuthToken({ ...good, logger: false, ...options })
  configError(t, () => createCheckAuthToken(promise), /^options: expected a plain object, got a promise: await it$/)
  configError(t, () => createCheckAuthToken(/a/), /^options: expected a plain object, got a regular expression$/)
  for (const [options, message] of [
    [{ tenantId: promise }, /^option tenantId: expected .*, got a promise: await it$/],
    [{ getToken: promise }, /^option getToken: expected a function, got a promise: await it$/],
    [{ audience: /x/ }, /^option audience: expected .*strings, got a regular expression$/],
    [{ requiredRoles: ['Admin', undefined] }, /^option requiredRoles: at index 1: expected a value, got undefined$/],
    [{ authorities: [good, promise] }, /^option authorities: at index 1: expected .*, got a promise: await it$/]
  ]) {
    configError(t, create(options), message)
  }
})

test('each option refuses values of other types by its name', (t) => {
  const values = [
    {},
    [],
    [[]],
    { get: 5 },
    new Map([['a', 'b']]),
    new Date(),
    new URL('https://login.example'),
    /text/,
    Symbol('a'),
    5n,
    () => 'a',
    Number.NaN,
    Number.POSITIVE_INFINITY,
    new Uint8Array(5),
    new Error('a'),
    [null],
    [undefined],
    [Number.NaN],
    new Proxy({}, {}),
    Object.create(Buffer.prototype)
  ]
  const names = ['tenantId', 'clientId', 'audience', 'authorityHost', 'authority', 'allowedTenants', 'allowedClients']
  names.push('requiredRoles', 'requiredScopes', 'issuer', 'algorithms', 'clockTolerance', 'maxTokenLength', 'jwks')
  names.push('jwksUri', 'tokenCache', 'proxy', 'resourceMetadata')
  for (const name of names) {
    for (const [index, value] of values.entries()) {
      const create = () => createCheckAuthToken({ ...good, logger: false, [name]: value })
      configError(t, create, new RegExp(`option ${name}|${name}: `), `${name} ${index}`)
    }
  }
})

test('what throws when it is read is a mistake of the option in which it stands, with the exception as its cause', (t) => {
  const cause = new TypeError('of the application')
  const thrower = () => {
    throw cause
  }
  const { proxy: revoked, revoke } = Proxy.revocable({}, {})
  revoke()
  const withGetter = (name, object = {}) => Object.defineProperty(object, name, { get: thrower, enumerable: true })
  for (const [options, name] of [
    [withGetter('audience', { ...good }), 'audience'],
    [withGetter('logger', { ...good }), 'logger'],
    [{ ...good, keys: withGetter('timeout') }, 'keys'],
    [{ ...good, jwks: { keys: [withGetter('kid')] } }, 'jwks'],
    [{ ...good, logger: withGetter('error') }, 'logger'],
    [{ ...good, resourceMetadata: withGetter('resource') }, 'resourceMetadata'],
    [{ ...good, keys: new Proxy({}, { ownKeys: thrower }) }, 'keys'],
    [{ ...good, keys: new Proxy({}, { getPrototypeOf: thrower }) }, 'keys'],
    [{ ...good, requiredRoles: new Proxy(['a'], { get: thrower }) }, 'requiredRoles'],
    [new Proxy({ ...good }, { ownKeys: thrower }), 'options'],
    [new Proxy({ ...good }, { getPrototypeOf: thrower }), 'options'],
    [new Proxy({ ...good }, { getOwnPropertyDescriptor: thrower }), 'options']
  ]) {
    const mention = name === 'options' ? /^options: / : new RegExp(`^option ${name}`)
    t.is(configError(t, () => createCheckAuthToken(options), mention, name).cause, cause, name)
  }
  for (const options of [revoked, { ...good, keys: revoked }, { ...good, ca: revoked }, { ...good, logger: revoked }]) {
    configError(t, () => createCheckAuthToken(options), /^(options|option (keys|ca|logger))/)
  }
})

test('each option is read once: a getter that changes its mind does not get a rule past the check', (t) => {
  const { options, good, poor } = t.context
  const reads = {}
  const fickle = {}
  for (const [name, value] of Object.entries(options)) {
    Object.defineProperty(fickle, name, {
      enumerable: true,
      get() {
        reads[name] = (reads[name] ?? 0) + 1
        return reads[name] === 1 ? value : undefined
      }
    })
  }
  const verifier = createVerifier(fickle)
  t.deepEqual(reads, Object.fromEntries(Object.keys(options).map((name) => [name, 1])))
  t.is(verifier.verifySync(good).roles[0], 'Task.Read')
  t.throws(() => verifier.verifySync(poor), { code: 'ERR_TOKEN_POLICY' })
})

test('options that change afterwards change nothing', (t) => {
  const { options, poor } = t.context
  const changing = { ...options, requiredRoles: ['Task.Read'] }
  const verifier = createVerifier(changing)
  changing.requiredRoles.push('Other')
  changing.requiredRoles = undefined
  t.throws(() => verifier.verifySync(poor), { code: 'ERR_TOKEN_POLICY' })
})

test('a member named __proto__ is a name like any other, and none of ours', (t) => {
  const named = (text) => JSON.parse(text)
  configError(t, () => createVerifier(named('{"__proto__":{"tenantId":"a"}}')), /__proto__/)
  configError(t, () => createVerifier({ ...good, keys: named('{"__proto__":{"timeout":5}}') }), /__proto__/)
})

test('the options of verify: a plain object with currentDate, and nothing else', async (t) => {
  const { options, good, authority } = t.context
  const verifier = createVerifier(options)
  const expired = authority.issueToken({ roles: ['Task.Read'], expiresIn: -60 })
  const past = new Date(Date.now() - 120_000)
  t.notThrows(() => verifier.verifySync(expired, { currentDate: past }))
  t.notThrows(() => verifier.verifySync(expired, { __proto__: null, currentDate: past }))
  for (const given of [undefined, null, {}, { currentDate: undefined }]) {
    t.notThrows(() => verifier.verifySync(good, given))
    t.throws(() => verifier.verifySync(expired, given), { code: 'ERR_TOKEN_EXPIRED' })
  }
  for (const given of [
    Object.create({ currentDate: past }),
    Object.defineProperty({}, 'currentDate', { value: past, enumerable: false }),
    { currentdate: past },
    { [Symbol('currentDate')]: past },
    new (class {
      currentDate = past
    })(),
    [past],
    past,
    5,
    'now',
    true,
    () => past,
    Object.defineProperty({}, 'currentDate', {
      enumerable: true,
      get() {
        throw new TypeError('of the application')
      }
    })
  ]) {
    t.throws(() => verifier.verifySync(expired, given), { instanceOf: AuthError, code: 'ERR_CONFIG' })
    await t.throwsAsync(verifier.verify(expired, given), { instanceOf: AuthError, code: 'ERR_CONFIG' })
    await t.throwsAsync(verifier.explain(expired, given), { instanceOf: AuthError, code: 'ERR_CONFIG' })
  }
})
