// Runs in a child process. Static keys: no network is involved.
import entra from '../../index.js'
import { contender } from '../contenders/index.mjs'
import { optionsFor } from '../harness/ours.mjs'
import { loadPackages } from '../harness/packages.mjs'
import { badTokens, refusalOf } from '../harness/refusals.mjs'
import { measureInterleaved } from '../harness/rounds.mjs'
import { createSigningKey, createTenant } from '../harness/tokens.mjs'

/** Those that keep their keys in memory, so that a bad token costs no request. */
const OTHERS = ['jsonwebtoken', 'fast-jwt', 'jose-local']

const QUIET = { error() {}, warn() {} }

export default async function measure({ profile }) {
  const key = createSigningKey('RS256')
  const publicKeyPem = key.publicKey.export({ type: 'spki', format: 'pem' })
  const world = { ...createTenant(), jwk: key.jwk, publicKeyPem }
  const ours = (logger) => ({ middleware: entra.createCheckAuthToken({ ...optionsFor(world), logger }) })
  const others = OTHERS.map((id) => [id, contender(id).setup(loadPackages(contender(id).packages), world)])
  const lines = []
  for (const [kind, token] of Object.entries(await badTokens(world, key))) {
    const subjects = [
      refusalOf('logger: false', ours(false), token),
      refusalOf('a logger', ours(QUIET), token),
      ...others.map(([id, instance]) => refusalOf(id, instance, token))
    ]
    lines.push(...(await measureInterleaved(subjects, profile)).map((line) => ({ kind, ...line })))
  }
  return lines
}
