// An authority, the environment that names it, and tokens of which an application admits one kind.
import assert from 'node:assert/strict'
import { startTestAuthority } from '../../../testing/index.js'

/** What a token that is not good is answered with, by the classic contract. */
const REJECTED = { 'another tenant': 401, 'another signature': 500, expired: 401 }

/** Starts an authority; sets this process's environment, which workers inherit, to it. */
export async function coldStart() {
  const authority = await startTestAuthority({ quiet: true })
  // Keys come late, so that requests have to wait for them in every worker.
  authority.delay(200)
  for (const name of Object.keys(process.env)) if (/^(?:AZURE|ENTRA)_(?!JWT_)/i.test(name)) delete process.env[name]
  Object.assign(process.env, authority.env())
  const good = authority.issueToken()
  const [header, payload, signature] = good.split('.')
  const tokens = {
    good,
    'another tenant': authority.issueToken({ tenantId: crypto.randomUUID() }),
    'another signature': `${header}.${payload}.${signature[0] === 'A' ? 'B' : 'A'}${signature.slice(1)}`,
    expired: authority.issueToken({ expiresIn: -1 })
  }
  return { authority, tokens }
}

/**
 * No request was lost, and each was answered as its token deserves.
 *
 * @param {import('./load.mjs').Outcome} outcome
 * @param {number} [least] requests, for one that goes on while something else happens
 */
export function assertJust({ statuses, lost, sent }, least = 1) {
  assert.deepEqual(lost, [], 'lost requests')
  for (const [name, found] of Object.entries(statuses)) {
    assert.deepEqual(Object.keys(found), [String(REJECTED[name] ?? 200)], `answers to a token: ${name}`)
  }
  assert.ok(sent >= least, `only ${sent} requests were sent`)
}
