// The peers: jose and jsonwebtoken, each set up as its users do it, with all that it can be asked to check.
import { createLocalJWKSet, errors, jwtVerify } from 'jose'
import jsonwebtoken from 'jsonwebtoken'
import { publicKey } from './signers.mjs'

/**
 * What the tables look at.
 *
 * @typedef {object} Facts
 * @property {string} token
 * @property {import('./model/policy.mjs').ModelPolicy} policy
 * @property {number} now
 * @property {Map<string, any> | undefined} header
 * @property {Map<string, any> | undefined} payload
 * @property {string[]} broken ids of the rules that the token breaks
 *
 * @typedef {{ error: string | undefined }} PeerVerdict undefined: accepted
 */

/**
 * @param {import('./model/policy.mjs').ModelPolicy} policy
 * @returns {Record<'jose' | 'jsonwebtoken', (token: string, now: number) => PeerVerdict | Promise<PeerVerdict>>}
 */
export function peersOf(policy) {
  return { jose: josePeer(policy), jsonwebtoken: jsonwebtokenPeer(policy) }
}

/** Both versions' issuers of the one tenant; of several tenants no list of issuers can be given. */
export function issuersOf({ exactIssuer, onlyTenant, issuers, versions }) {
  if (exactIssuer !== undefined) return [exactIssuer]
  return onlyTenant === undefined ? undefined : versions.map((version) => issuers[version](onlyTenant))
}

function josePeer(policy) {
  const keySet = createLocalJWKSet(policy.jwks)
  const options = {
    algorithms: policy.algorithms,
    audience: policy.audiences,
    issuer: issuersOf(policy),
    clockTolerance: policy.clockTolerance
  }
  return async (token, now) => {
    try {
      await jwtVerify(token, keySet, { ...options, currentDate: new Date(now * 1000) })
      return { error: undefined }
    } catch (error) {
      if (error instanceof errors.JOSEError) return { error: `${error.code} ${error.claim ?? ''} ${error.message}` }
      // Web Crypto and the platform's decoders have errors of their own.
      return { error: `${error.name} ${error.message}` }
    }
  }
}

function jsonwebtokenPeer(policy) {
  const options = {
    algorithms: policy.algorithms,
    audience: policy.audiences,
    issuer: issuersOf(policy),
    clockTolerance: policy.clockTolerance
  }
  const keyOf = (header) => {
    const jwk = policy.jwks.keys.find(({ kid }) => kid === header.kid)
    if (jwk === undefined) throw new Error('no such key')
    return publicKey(jwk)
  }
  return (token, now) => {
    try {
      const decoded = jsonwebtoken.decode(token, { complete: true })
      if (decoded === null) throw new Error('jwt malformed')
      jsonwebtoken.verify(token, keyOf(decoded.header), { ...options, clockTimestamp: now })
      return { error: undefined }
    } catch (error) {
      return { error: `${error.name} ${error.message}` }
    }
  }
}
