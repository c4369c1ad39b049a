// Which client calls: the guard requireClient and the option allowedClients compare by one rule, GUIDs without case and
// anything else exactly.
import { createRequire } from 'node:module'
import test from 'ava'
import { createVerifier, requireClient } from 'entra-jwt-verify'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import { AUDIENCE, startForeignAuthority } from '../helpers/foreign-authority.mjs'
import { callNow } from '../helpers/pollution.mjs'
import { optionsFor } from '../helpers/start.mjs'

const { isSameId } = createRequire(import.meta.url)('../../lib/core/guid.js')

const GUID = '9d1c7a80-2b3e-4f4a-bb0d-5c6e7f809a1b'
const UPPER = GUID.toUpperCase()
const MIXED = GUID.replace('d1c', 'D1C')

/** What is accepted, the token's client, and whether that is the same. */
const GUIDS = [
  [GUID, GUID, true],
  [GUID, UPPER, true],
  [UPPER, GUID, true],
  [MIXED, UPPER, true],
  [GUID, `${GUID}0`, false],
  [GUID, GUID.slice(0, -1), false],
  [GUID, GUID.replace('9d', '8d'), false],
  [GUID, GUID.replaceAll('-', ''), false],
  [GUID, `{${GUID}}`, false],
  [GUID, ` ${GUID}`, false],
  [GUID, `${GUID}\n`, false]
]
const TEXTS = [
  // Lower case of another alphabet: the Kelvin sign.
  ['9d1c7a80-2b3e-4f4a-bb0d-5c6e7f809akb', '9d1c7a80-2b3e-4f4a-bb0d-5c6e7f809a\u212ab', false],
  ['my-client', 'my-client', true],
  ['my-client', 'My-Client', false],
  ['MY-CLIENT', 'my-client', false],
  ['my-client', 'my-client ', false],
  ['my-client', '', false],
  ['my-client', undefined, false],
  [GUID, undefined, false],
  [GUID, 'my-client', false],
  // Nearly GUIDs: compared exactly.
  [`${GUID}x`, `${UPPER}x`, false],
  [`urn:${GUID}`, `urn:${UPPER}`, false],
  [`urn:${GUID}`, `urn:${GUID}`, true]
]

test('the rule itself', (t) => {
  for (const [accepted, client, isSame] of [...GUIDS, ...TEXTS]) {
    t.is(isSameId(accepted, client), isSame, `${accepted} ${client}`)
  }
})

/** The verdicts of the guard and of the option on one token: they have to be the same. */
async function verdicts(create, token, accepted) {
  const auth = await create({}).verify(token)
  const { passed, status } = callNow(requireClient(accepted), { auth })
  const option = await create({ allowedClients: [accepted] })
    .verify(token)
    .then(
      () => true,
      (error) => error.code
    )
  return { guard: passed.length === 1 || status, option }
}

const expectedOf = (isSame) => (isSame ? { guard: true, option: true } : { guard: 403, option: 'ERR_TOKEN_POLICY' })

test('tokens of Entra, of either version', async (t) => {
  const authority = await startTestAuthority({ quiet: true })
  t.teardown(() => authority.close())
  const create = (more) => createVerifier({ ...optionsFor(authority), ...more })
  for (const [accepted, client, isSame] of GUIDS) {
    for (const [version, claim] of [
      [1, 'appid'],
      [2, 'azp']
    ]) {
      const token = authority.issueToken({ version, claims: { [claim]: client } })
      t.deepEqual(await verdicts(create, token, accepted), expectedOf(isSame), `${claim} ${accepted} ${client}`)
    }
  }
})

test('tokens of another issuer', async (t) => {
  const authority = await startForeignAuthority(t)
  const create = (more) => createVerifier({ authority: authority.url, audience: AUDIENCE, ...more })
  for (const [accepted, client, isSame] of [...GUIDS, ...TEXTS]) {
    const token = await authority.issueToken({ azp: client })
    t.deepEqual(await verdicts(create, token, accepted), expectedOf(isSame), `${accepted} ${client}`)
  }
})

test('any of several is enough', async (t) => {
  const authority = await startTestAuthority({ quiet: true })
  t.teardown(() => authority.close())
  const { clientId } = authority.client
  const auth = await createVerifier(optionsFor(authority)).verify(authority.issueToken())
  t.is(callNow(requireClient(GUID, clientId.toUpperCase()), { auth }).passed.length, 1)
  t.is(callNow(requireClient(GUID, 'another'), { auth }).passed.length, 0)
})
