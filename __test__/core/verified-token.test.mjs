import { inspect } from 'node:util'
import test from 'ava'
import { createVerifier } from 'entra-jwt-verify'
import { startTestAuthority } from 'entra-jwt-verify/testing'

test.before(async (t) => {
  const authority = await startTestAuthority({ quiet: true })
  const options = {
    tenantId: authority.tenantId,
    clientId: authority.api.clientId,
    authorityHost: authority.url
  }
  const verifier = createVerifier(options)
  t.context = { authority, options, verifier, verify: (overrides) => verifier.verify(authority.issueToken(overrides)) }
})
test.after.always((t) => t.context.authority.close())

test('an application of either version is named and told from a user', async (t) => {
  const { authority, verify } = t.context
  for (const version of [1, 2]) {
    const app = await verify({ version, roles: ['Task.Read', 'Task.Write'] })
    t.is(app.clientId, authority.client.clientId)
    t.is(app.tenantId, authority.tenantId)
    t.true(app.isAppOnly)
    t.deepEqual(app.roles, ['Task.Read', 'Task.Write'])
    t.deepEqual(app.scopes, [])
    t.true(app.hasRole('Task.Read'))
    t.false(app.hasRole('task.read') || app.hasScope('Task.Read'))

    const user = await verify({ version, scopes: ['Task.Read', 'Task.Write'] })
    t.false(user.isAppOnly)
    t.deepEqual(user.scopes, ['Task.Read', 'Task.Write'])
    t.true(user.hasScope('Task.Write'))
    t.false(user.hasScope('Task') || user.hasRole('Task.Write'))
  }
})

test('idtyp decides where it is there', async (t) => {
  const { verify } = t.context
  t.true((await verify({ claims: { idtyp: 'app', oid: 'one', sub: 'other' } })).isAppOnly)
  t.false((await verify({ claims: { idtyp: 'user', oid: 'one', sub: 'one' } })).isAppOnly)
  t.false((await verify({ claims: { oid: undefined, sub: undefined } })).isAppOnly)
})

test('claims are frozen all the way down', async (t) => {
  const { claims, header } = await t.context.verify({ claims: { nested: { list: [{ a: 1 }] } } })
  for (const value of [claims, header, claims.nested, claims.nested.list, claims.nested.list[0]])
    t.true(Object.isFrozen(value))
  t.throws(() => {
    claims.aud = 'another'
  })
})

test('what is decoded of a token is decoded once, for every request that it comes with', async (t) => {
  const { authority, verifier } = t.context
  const [one, other] = [authority.issueToken({ roles: ['One'] }), authority.issueToken({ roles: ['Other'] })]
  const first = await verifier.verify(one)
  const { claims, header, roles, scopes } = first
  t.like(await verifier.verify(other), { roles: ['Other'] })
  for (const again of [await verifier.verify(one), verifier.verifySync(one)]) {
    t.not(again, first)
    t.is(again.claims, claims)
    t.is(again.header, header)
    t.is(again.roles, roles)
    t.is(again.scopes, scopes)
  }
  t.true(Object.isFrozen(roles) && Object.isFrozen(scopes))
})

test('a token that is not remembered is decoded each time', async (t) => {
  const { authority, options } = t.context
  const verifier = createVerifier({ ...options, tokenCache: false })
  const token = authority.issueToken({ roles: ['One'] })
  const [first, second] = [await verifier.verify(token), await verifier.verify(token)]
  t.not(first.claims, second.claims)
  t.deepEqual(first.claims, second.claims)
})

test('no more is kept of what was decoded than there is room for', async (t) => {
  const { authority, verifier } = t.context
  const token = authority.issueToken()
  const { claims } = await verifier.verify(token)
  const long = 'x'.repeat(10_000)
  // Their claims make more than 1.5 million characters; the core still remembers all of these tokens.
  for (let number = 0; number < 120; number++)
    t.is((await verifier.verify(authority.issueToken({ claims: { long, number } }))).claims.number, number)
  const { hits } = verifier.stats().tokenCache
  const again = await verifier.verify(token)
  t.is(verifier.stats().tokenCache.hits, hits + 1)
  t.not(again.claims, claims)
  t.deepEqual(again.claims, claims)
})

test('a claim cannot pass for something inherited, nor replace a prototype', async (t) => {
  const payload = JSON.parse('{"__proto__":{"admin":true},"constructor":"c","toString":"s","hasOwnProperty":1}')
  const { claims } = await t.context.verify({ claims: payload })
  t.is(claims.hasOwnProperty, 1)
  t.is(claims.admin, undefined)
  t.is({}.admin, undefined)
  t.is(claims.toString, 's')
  t.is(claims.valueOf, undefined)
  const plain = await t.context.verify({ claims: { nested: {} } })
  t.is(plain.claims.nested.toString, undefined)
  t.is(plain.claims.constructor, undefined)
  for (const object of [plain.claims, plain.header, plain.claims.nested]) {
    const inherited = Object.getPrototypeOf(object)
    t.deepEqual(Reflect.ownKeys(inherited), ['hasOwnProperty'])
    t.is(Object.getPrototypeOf(inherited), null)
    t.true(Object.isFrozen(inherited))
  }
  // biome-ignore lint/suspicious/noPrototypeBuiltins: what programs call.
  t.true(plain.claims.hasOwnProperty('nested') && !plain.claims.hasOwnProperty('toString'))
})

test('claims keep their text, whatever its alphabet', async (t) => {
  const { claims } = await t.context.verify({ claims: { name: 'Grüße 漢字 \u{1F600}', ключ: '\u0000\u2028' } })
  t.is(claims.name, 'Grüße 漢字 \u{1F600}')
  t.is(claims.ключ, '\u0000\u2028')
})

test('what is read twice is the same object', async (t) => {
  const verified = await t.context.verify()
  t.is(verified.claims, verified.claims)
  t.is(verified.header, verified.header)
})

test('printing req.auth does not print the token', async (t) => {
  const verified = await t.context.verify()
  t.false(inspect(verified, { depth: 10, showHidden: true }).includes(verified.token))
  t.false(JSON.stringify({ auth: verified }).includes(verified.token))
})
