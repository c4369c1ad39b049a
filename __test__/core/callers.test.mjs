// Who is calling: what of a token says it, and the options that hold for a whole application.
import test from 'ava'
import { createVerifier } from 'entra-jwt-verify'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import { frameworks, serve } from '../helpers/app.mjs'
import { optionsFor, verdict } from '../helpers/start.mjs'

test.before(async (t) => {
  const authority = await startTestAuthority({ quiet: true })
  t.context = {
    authority,
    with: (more) => createVerifier({ ...optionsFor(authority), ...more }),
    verify: (overrides) => createVerifier(optionsFor(authority)).verify(authority.issueToken(overrides))
  }
})
test.after.always((t) => t.context.authority.close())

const OTHER = '9d1c7a80-2b3e-4f4a-bb0d-5c6e7f809a1b'

test('app-only: idtyp decides, without it the application is its own subject and has no scp', async (t) => {
  // Rows: idtyp, oid, sub, scp, whether it is app-only. `undefined`: not in the token.
  const rows = [
    [undefined, 'one', 'one', undefined, true],
    [undefined, 'one', 'other', undefined, false],
    [undefined, 'one', 'one', 'Task.Read', false],
    [undefined, 'one', 'other', 'Task.Read', false],
    [undefined, 'one', 'one', '', false],
    [undefined, undefined, undefined, undefined, false],
    [undefined, undefined, 'one', undefined, false],
    [undefined, 'one', undefined, undefined, false],
    ['app', 'one', 'one', undefined, true],
    ['app', 'one', 'other', undefined, true],
    ['app', undefined, undefined, undefined, true],
    ['user', 'one', 'one', undefined, false],
    ['user', 'one', 'other', 'Task.Read', false],
    ['', 'one', 'one', undefined, false],
    ['App', 'one', 'one', undefined, false],
    ['device', 'one', 'one', undefined, false]
  ]
  for (const version of [1, 2]) {
    for (const [idtyp, oid, sub, scp, expected] of rows) {
      const { isAppOnly } = await t.context.verify({ version, claims: { idtyp, oid, sub, scp } })
      t.is(isAppOnly, expected, JSON.stringify({ version, idtyp, oid, sub, scp }))
    }
  }
})

test('an app-only token with delegated permissions is refused', async (t) => {
  const { authority, with: verifier } = t.context
  const token = authority.issueToken({ claims: { idtyp: 'app' }, scopes: ['Task.Read'] })
  await t.throwsAsync(verifier().verify(token), { code: 'ERR_TOKEN_CLAIM', message: 'invalid idtyp value' })
})

test('the client is azp of a v2 token and appid of a v1 token', async (t) => {
  const { verify } = t.context
  t.is((await verify({ version: 1, claims: { appid: OTHER } })).clientId, OTHER)
  t.is((await verify({ version: 2, claims: { azp: OTHER } })).clientId, OTHER)
  t.is((await verify({ version: 2, claims: { azp: OTHER, appid: 'else' } })).clientId, OTHER)
})

test('the other claim of that name does not say who the client of a v1 token is', async (t) => {
  const { authority, verify, with: verifier } = t.context
  const overrides = { version: 1, claims: { appid: OTHER, azp: 'else' } }
  // The core judges it by its appid, so what reads the token must not see another client.
  t.is(await verdict(verifier({ allowedClients: [OTHER] }), authority.issueToken(overrides)), 'passes')
  t.is((await verify(overrides)).clientId, OTHER)
})

test('scopes are the words of scp, roles the elements of roles, and neither is ever null', async (t) => {
  const { verify } = t.context
  for (const [claims, scopes, roles] of [
    [{}, [], []],
    [{ scp: '', roles: [] }, [], []],
    [{ scp: ' ' }, [], []],
    [{ scp: 'a  b ' }, ['a', 'b'], []],
    [{ scp: 'a', roles: ['b', 'c d'] }, ['a'], ['b', 'c d']]
  ]) {
    const verified = await verify({ claims })
    t.deepEqual([verified.scopes, verified.roles], [scopes, roles], JSON.stringify(claims))
    t.true(Object.isFrozen(verified.scopes) && Object.isFrozen(verified.roles))
    for (const asked of ['', undefined, null, 'A']) {
      t.false(verified.hasRole(asked) || verified.hasScope(asked), String(asked))
    }
  }
})

test('claims of other issuers that are of another type are not read, as the core does not read them', async (t) => {
  const { authority, with: verifier } = t.context
  const issuer = 'https://issuer.example'
  const jwks = { keys: authority.keys.map(({ jwk }) => jwk) }
  const options = { tenantId: undefined, authorityHost: undefined, ca: undefined, issuer, jwks }
  const token = (claims) => authority.issueToken({ claims: { iss: issuer, ...claims } })
  for (const tid of [0, true, null, [], ['x'], {}]) {
    t.is((await verifier(options).verify(token({ tid }))).tenantId, undefined, JSON.stringify(tid))
  }
  for (const roles of [['Task.Read', 7], 'Task.Read', [['Task.Read']], null]) {
    const verified = await verifier(options).verify(token({ roles }))
    t.deepEqual(verified.roles, [], JSON.stringify(roles))
    t.false(verified.hasRole('Task.Read'))
    const strict = verifier({ ...options, requiredRoles: ['Task.Read'] })
    t.is(await verdict(strict, token({ roles })), 'ERR_TOKEN_POLICY', JSON.stringify(roles))
  }
})

test('groups that did not fit into the token are told from groups that are not there', async (t) => {
  const { verify } = t.context
  for (const [claims, expected] of [
    [{}, false],
    [{ groups: ['one'] }, false],
    [{ hasgroups: true }, true],
    [{ hasgroups: 'true' }, true],
    [{ hasgroups: false }, false],
    [{ _claim_names: { groups: 'src1' }, _claim_sources: { src1: { endpoint: 'https://graph.example' } } }, true],
    [{ _claim_names: { wids: 'src1' } }, false],
    [{ _claim_names: null }, false],
    [{ _claim_names: 'groups' }, false]
  ]) {
    t.is((await verify({ claims })).hasGroupsOverage, expected, JSON.stringify(claims))
  }
})

test('allowedClients: any of them, for both versions, without case', async (t) => {
  const { authority, with: verifier } = t.context
  const { clientId } = authority.client
  for (const version of [1, 2]) {
    const token = authority.issueToken({ version })
    t.is(await verdict(verifier({ allowedClients: [OTHER, clientId] }), token), 'passes')
    t.is(await verdict(verifier({ allowedClients: [clientId.toUpperCase()] }), token), 'passes')
    t.is(await verdict(verifier({ allowedClients: clientId }), token), 'passes')
    t.is(await verdict(verifier({ allowedClients: [OTHER] }), token), 'ERR_TOKEN_POLICY')
    t.is(await verdict(verifier({ allowedClients: [authority.api.clientId] }), token), 'ERR_TOKEN_POLICY')
  }
  // The claim of the other version does not count.
  const crossed = authority.issueToken({ version: 2, claims: { appid: OTHER } })
  t.is(await verdict(verifier({ allowedClients: [OTHER] }), crossed), 'ERR_TOKEN_POLICY')
})

test('requiredRoles and requiredScopes: any of each, and both where both are given', async (t) => {
  const { authority, with: verifier } = t.context
  const [roles, scopes] = [
    ['Task.Read', 'Task.Write'],
    ['read', 'write']
  ]
  for (const [options, overrides, expected] of [
    [{ requiredRoles: roles }, { roles: ['Task.Write', 'Other'] }, 'passes'],
    [{ requiredRoles: roles }, {}, 'ERR_TOKEN_POLICY'],
    [{ requiredRoles: roles }, { roles: ['Other'] }, 'ERR_TOKEN_POLICY'],
    [{ requiredRoles: roles }, { scopes: roles }, 'ERR_TOKEN_POLICY'],
    [{ requiredScopes: scopes }, { scopes: ['other', 'write'] }, 'passes'],
    [{ requiredScopes: scopes }, {}, 'ERR_TOKEN_POLICY'],
    [{ requiredScopes: scopes }, { roles: scopes }, 'ERR_TOKEN_POLICY'],
    [{ requiredRoles: roles, requiredScopes: scopes }, { roles: ['Task.Read'], scopes: ['read'] }, 'passes'],
    [{ requiredRoles: roles, requiredScopes: scopes }, { roles: ['Task.Read'] }, 'ERR_TOKEN_POLICY'],
    [{ requiredRoles: roles, requiredScopes: scopes }, { scopes: ['read'] }, 'ERR_TOKEN_POLICY']
  ]) {
    for (const version of [1, 2]) {
      const token = authority.issueToken({ version, ...overrides })
      t.is(await verdict(verifier(options), token), expected, JSON.stringify({ version, ...options, ...overrides }))
    }
  }
})

test('an error of the policy says which claim was lacking, and what to do', async (t) => {
  const { authority, with: verifier } = t.context
  for (const [options, claim, hint] of [
    [{ allowedClients: [OTHER] }, 'azp', /allowedClients/],
    [{ requiredRoles: ['a'] }, 'roles', /requiredRoles/],
    [{ requiredScopes: ['a'] }, 'scp', /requiredScopes/]
  ]) {
    const error = await t.throwsAsync(verifier(options).verify(authority.issueToken()), { code: 'ERR_TOKEN_POLICY' })
    t.is(error.status, 403)
    t.is(error.claim, claim)
    t.regex(error.hint, hint)
  }
})

test('the policy comes last: a token that is bad besides is told so', async (t) => {
  const { authority, with: verifier } = t.context
  const strict = verifier({ requiredRoles: ['a'], allowedClients: [OTHER] })
  t.is(await verdict(strict, authority.issueToken({ expiresIn: -1 })), 'ERR_TOKEN_EXPIRED')
  t.is(await verdict(strict, authority.issueToken({ audience: 'api://another' })), 'ERR_TOKEN_AUDIENCE')
  t.is(await verdict(strict, authority.issueToken({ tenantId: crypto.randomUUID() })), 'ERR_TOKEN_TENANT')
})

test('what one policy remembered as verified, another still judges', async (t) => {
  const { authority, with: verifier } = t.context
  const token = authority.issueToken({ roles: ['Task.Read'] })
  const [lax, strict] = [verifier({ requiredRoles: ['Task.Read'] }), verifier({ requiredRoles: ['Task.Write'] })]
  for (let i = 0; i < 3; i++) {
    t.is(await verdict(lax, token), 'passes')
    t.is(await verdict(strict, token), 'ERR_TOKEN_POLICY')
  }
})

test('classic: who may not call gets 403 Forbidden', async (t) => {
  const { authority } = t.context
  const { createCheckAuthToken } = await import('entra-jwt-verify')
  for (const [framework, app] of Object.entries(frameworks)) {
    for (const option of [{ allowedClients: [OTHER] }, { requiredRoles: ['a'] }, { requiredScopes: ['a'] }]) {
      const send = await serve(t, app(createCheckAuthToken({ ...optionsFor(authority), logger: false, ...option })))
      const answer = await send(`Bearer ${authority.issueToken()}`)
      t.deepEqual([answer.status, answer.body], [403, 'Forbidden'], `${framework} ${JSON.stringify(option)}`)
      t.regex(answer.headers.get('www-authenticate'), /^Bearer error="insufficient_scope"/)
    }
  }
})

test('lists that ask for nothing, or for what cannot be, are refused at construction', (t) => {
  for (const option of ['allowedClients', 'requiredRoles', 'requiredScopes', 'allowedTenants']) {
    for (const value of [[], '', [''], ['a', ''], [1], 5, {}, [['a']], true]) {
      const error = t.throws(() => t.context.with({ [option]: value }), { code: 'ERR_CONFIG' }, `${option} ${value}`)
      t.true(error.message.includes(option))
    }
  }
  t.throws(() => t.context.with({ requiredScopes: ['a b'] }), { code: 'ERR_CONFIG', message: /requiredScopes/ })
})
