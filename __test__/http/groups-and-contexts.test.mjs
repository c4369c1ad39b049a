// requireGroup and requireAuthContext: what a token does not say is not held against the caller, and not for them either.
import test from 'ava'
import { createCheckAuthToken, requireAuthContext, requireGroup } from 'entra-jwt-verify'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import express5 from 'express'
import express4 from 'express4'
import { serve } from '../helpers/app.mjs'
import { parseChallenge } from '../helpers/challenge.mjs'
import { callNow } from '../helpers/pollution.mjs'
import { optionsFor } from '../helpers/start.mjs'

const GROUP = '3f2c1a90-5b6d-4e7f-8a9b-0c1d2e3f4a5b'
const OTHER = '8d1e6c2f-405b-4c1f-8b64-203070100b22'
const OVERAGE = [
  { hasgroups: true },
  { _claim_names: { groups: 'src1' }, _claim_sources: { src1: { endpoint: 'https://graph.example' } } }
]

test.before(async (t) => {
  t.context.authority = await startTestAuthority({ quiet: true })
})
test.after.always((t) => t.context.authority.close())

/** A route behind a guard; resolves to a function that sends a token with these claims. */
async function route(t, guard, { responses = 'rfc6750', express = express5, handler } = {}) {
  const { authority } = t.context
  const app = express()
  app.use(createCheckAuthToken({ ...optionsFor(authority), logger: false, responses }))
  app.get('/', guard, handler ?? ((_req, res) => res.send('passed')))
  app.use((error, _req, res, _next) =>
    res.status(error.status ?? 500).json({ reason: error.reason, message: error.message })
  )
  const send = await serve(t, app)
  return (claims) => send(`Bearer ${authority.issueToken({ version: 2, claims })}`)
}

test('a member passes, and a stranger does not', async (t) => {
  const send = await route(t, requireGroup(GROUP.toUpperCase(), 'sales'))
  for (const [groups, status] of [
    [[OTHER, GROUP], 200],
    [['sales'], 200],
    [[OTHER], 403],
    [['Sales'], 403],
    [[], 403],
    [undefined, 403],
    [GROUP, 403],
    [[{ id: GROUP }, null], 403]
  ]) {
    t.is((await send({ groups })).status, status, JSON.stringify(groups))
  }
})

test('the hint says whether the token has groups, and whether a name is compared with ids', async (t) => {
  const { authority } = t.context
  const lines = []
  const logger = { error() {}, warn: (line) => lines.push(line) }
  const middleware = createCheckAuthToken({ ...optionsFor(authority), logger })
  await middleware.verifier.preload()
  const user = { scopes: ['Task.Read'] }
  const none =
    /This token has no groups: the user is in none that the API gets \(add the user to the group\), or the claim is not configured \(/
  for (const [guard, groups, hint, overrides = user] of [
    [requireGroup(GROUP), undefined, none],
    [requireGroup(GROUP), undefined, /: the caller is in none that the API gets \(add the caller to the group\)/, {}],
    [requireGroup(GROUP), [OTHER], /Add the user to the group, then get a new token/],
    [requireGroup(GROUP), [OTHER], /Add the caller to the group, then get a new token/, {}],
    [requireGroup('Admins'), [OTHER], /Write the Object ID of the group 'Admins' in requireGroup/],
    [requireGroup('Admins'), [], /Add the user to the group, then get a new token/],
    [requireGroup('Admins'), ['Sales'], /Add the user to the group, then get a new token/]
  ]) {
    lines.length = 0
    const { req } = callNow(createCheckAuthToken({ ...optionsFor(authority), logger }), {
      authorization: authority.bearer({ version: 2, ...overrides, claims: { groups } })
    })
    callNow(guard, { auth: req.auth })
    t.is(lines.length, 1)
    t.regex(lines[0], hint)
  }
})

test('a user with too many groups is not a stranger: 403 with a reason of its own', async (t) => {
  const send = await route(t, requireGroup(GROUP), { responses: 'next' })
  for (const claims of OVERAGE) {
    const answer = await send(claims)
    t.is(answer.status, 403)
    t.is(JSON.parse(answer.body).reason, 'groups-overage')
  }
  t.is(JSON.parse((await send({ groups: [OTHER] })).body).reason, 'group')
})

for (const [name, express] of Object.entries({ 'Express 5': express5, 'Express 4': express4 })) {
  test(`${name}: onOverage decides, and only true admits`, async (t) => {
    const decide = { now: undefined }
    const asked = []
    const onOverage = async (auth) => {
      asked.push(auth.tenantId)
      return decide.now()
    }
    const send = await route(t, requireGroup(GROUP, { onOverage }), { express, responses: 'next' })
    for (const [decision, status] of [
      [() => true, 200],
      [() => false, 403],
      [() => undefined, 403],
      [() => 'yes', 403],
      [() => 1, 403],
      [
        () => {
          throw new Error('Graph is down')
        },
        500
      ]
    ]) {
      decide.now = decision
      for (const claims of OVERAGE) t.is((await send(claims)).status, status, String(decision))
    }
    asked.length = 0
    t.is((await send({ groups: [GROUP] })).status, 200)
    t.is((await send({ groups: [OTHER] })).status, 403)
    t.deepEqual(asked, [], 'where the token says it, nobody is asked')
  })

  test(`${name}: what the handler throws after a decision is the framework's`, async (t) => {
    const handler = () => {
      throw new Error('of the handler')
    }
    const guard = requireGroup(GROUP, { onOverage: async () => true })
    const send = await route(t, guard, { express, handler })
    const answer = await send(OVERAGE[0])
    t.is(answer.status, 500)
    t.regex(answer.body, /of the handler/)
  })
}

test('an authentication context is asked for by a challenge, from clients that understand it', async (t) => {
  const { authority } = t.context
  const send = await route(t, requireAuthContext('c1'))
  for (const acrs of [['c1'], ['c2', 'c1'], 'c1']) t.is((await send({ acrs })).status, 200, JSON.stringify(acrs))
  for (const acrs of [undefined, ['c2'], [], 'c10', ['C1'], { c1: true }]) {
    t.is((await send({ acrs })).status, 403, JSON.stringify(acrs))
    for (const xms_cc of [['cp1'], ['CP1'], 'Cp1']) {
      const answer = await send({ acrs, xms_cc })
      t.is(answer.status, 401)
      const { claims, authorization_uri, realm } = parseChallenge(answer.headers.get('www-authenticate'))
      t.deepEqual(JSON.parse(Buffer.from(claims, 'base64').toString()), {
        access_token: { acrs: { essential: true, value: 'c1' } }
      })
      t.is(authorization_uri, `${authority.url}/${authority.tenantId}/oauth2/v2.0/authorize`)
      t.is(realm, authority.tenantId)
    }
  }
})

test('a guard that cannot work is a mistake, and said at once', (t) => {
  for (const ids of [
    [],
    [''],
    [1],
    [GROUP, {}],
    [{ onOverage: async () => true }],
    [GROUP, { onOverage: true }],
    [GROUP, null]
  ]) {
    t.throws(() => requireGroup(...ids), { code: 'ERR_CONFIG', message: /requireGroup/ }, JSON.stringify(ids))
  }
  for (const [ids, problem] of [
    [[], /: expected one or more non-empty strings$/],
    [[['a']], /, each on its own, got an array: write requireGroup\('…', '…'\)$/],
    [[GROUP, ['a']], /, each on its own, got an array/],
    [[{}, {}, () => {}], /write requireGroup\('…'\) where the guard is passed$/],
    [
      [GROUP, { onOverrage: async () => true }],
      /expected only { onOverage }, got onOverrage; did you mean onOverage\?$/
    ],
    [[GROUP, { onOverage: async () => true, cache: 1 }], /expected only { onOverage }, got cache$/],
    [[GROUP, {}], /expected onOverage to be a function, got undefined$/],
    [[GROUP, { onOverage: true }], /expected onOverage to be a function, got a boolean$/]
  ]) {
    t.throws(() => requireGroup(...ids), { code: 'ERR_CONFIG', message: problem }, JSON.stringify(ids))
  }
  for (const id of [undefined, '', 'C1', 'c', 'c100', 'mfa', ['c1']]) {
    t.throws(() => requireAuthContext(id), { code: 'ERR_CONFIG', message: /requireAuthContext/ }, String(id))
  }
})
