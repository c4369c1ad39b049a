import { randomUUID } from 'node:crypto'
import entra from '../../index.js'

const { createCheckAuthToken, createVerifier } = entra

// V8 does not see the memory that a verifier has in the core; so many may wait to be collected, which is not timed.
const VERIFIERS_PER_COLLECTION = 256

let passes = 0

/** Options for a world with static keys: no network is involved. */
export function optionsFor({ tenantId, clientId, audience, jwk }, { algorithm = 'RS256', ...more } = {}) {
  return { tenantId, clientId, audience, jwks: { keys: [jwk] }, algorithms: [algorithm], logger: false, ...more }
}

/** The same world as one of several authorities; the others have issuers of their own. */
export function amongAuthorities(count, world, options) {
  const { tenantId, clientId, audience, jwks, ...common } = optionsFor(world, options)
  const others = Array.from({ length: count - 1 }, (_, i) => ({ issuer: `https://${i}.example`, audience, jwks }))
  return { ...common, authorities: [...others, { tenantId, clientId, audience, jwks }] }
}

/** A policy that differs from every other one, also from those of other threads, so that no cache has a token for it. */
function freshOptions(world, options) {
  if (++passes % VERIFIERS_PER_COLLECTION === 0) globalThis.gc?.()
  return { ...optionsFor(world, options), audience: [world.audience, `urn:uuid:${randomUUID()}`] }
}

/** `verifySync` of a verifier that has seen no token; `renew` gives the next. */
export function firstSightSync(world, options) {
  return renewed(() => {
    const verifier = createVerifier(freshOptions(world, options))
    return { verifier, verifySync: (token) => verifier.verifySync(token) }
  })
}

/** The same through the middleware. */
export function firstSightMiddleware(world, options) {
  return renewed(() => {
    const middleware = createCheckAuthToken(freshOptions(world, options))
    return { verifier: middleware.verifier, middleware }
  })
}

/** `verifySync` of a verifier that has seen the whole pool. */
export function secondSightSync(world, pool, options) {
  const verifier = createVerifier(optionsFor(world, options))
  for (const token of pool) verifier.verifySync(token)
  return { verifySync: (token) => verifier.verifySync(token) }
}

/** The same through the middleware. With `readClaims` the application also reads one, which decodes them all. */
export function secondSightMiddleware(world, pool, { readClaims = false, authorities = 1, ...options } = {}) {
  const given = authorities > 1 ? amongAuthorities(authorities, world, options) : optionsFor(world, options)
  const middleware = createCheckAuthToken(given)
  for (const token of pool) middleware.verifier.verifySync(token)
  if (!readClaims) return { middleware }
  return {
    middleware: (req, res, next) => middleware(req, res, () => next(req.auth.hasRole('Task.Read') ? null : res))
  }
}

/** Whether this version of the package knows an option; older commits can be measured too. */
export function knowsOption(world, option) {
  return isAccepted(optionsFor(world, option))
}

/** The same of several authorities. */
export function knowsAuthorities(world) {
  return isAccepted(amongAuthorities(2, world))
}

function isAccepted(options) {
  try {
    createVerifier(options)
    return true
  } catch (error) {
    if (error.code === 'ERR_CONFIG') return false
    throw error
  }
}

function renewed(make) {
  let current = make()
  const renew = () => {
    // Versions before the cache of tokens have no counts.
    if (current.verifier.stats?.().tokenCache.hits > 0) throw new Error('a token that should be new was remembered')
    current = make()
    return current
  }
  return { ...current, renew }
}
