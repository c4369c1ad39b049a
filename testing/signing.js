'use strict'

const { constants, createHmac, sign } = require('node:crypto')
const { optionError } = require('./errors')

/**
 * @typedef {import('node:crypto').KeyObject} KeyObject
 * @typedef {NonNullable<import('./index').TokenOverrides['algorithm']>} Algorithm
 * @typedef {(data: Buffer, key: KeyObject, algorithm: Algorithm) => Buffer} Signer
 */

const PKCS1 = { padding: constants.RSA_PKCS1_PADDING }
const PSS = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
const ECDSA = { dsaEncoding: /** @type {const} */ ('ieee-p1363') }

/**
 * RFC 7518 3.1. `none` and HS* are here to test that a verifier rejects them.
 *
 * @type {Record<Algorithm, Signer>}
 */
const ALGORITHMS = {
  RS256: asymmetric('sha256', PKCS1, ['rsa']),
  RS384: asymmetric('sha384', PKCS1, ['rsa']),
  RS512: asymmetric('sha512', PKCS1, ['rsa']),
  PS256: asymmetric('sha256', PSS, ['rsa', 'rsa-pss']),
  PS384: asymmetric('sha384', PSS, ['rsa', 'rsa-pss']),
  PS512: asymmetric('sha512', PSS, ['rsa', 'rsa-pss']),
  ES256: asymmetric('sha256', ECDSA, ['ec']),
  ES384: asymmetric('sha384', ECDSA, ['ec']),
  ES512: asymmetric('sha512', ECDSA, ['ec']),
  HS256: symmetric('sha256'),
  HS384: symmetric('sha384'),
  HS512: symmetric('sha512'),
  none: () => Buffer.alloc(0)
}

/**
 * A JWS in compact form (RFC 7515 3.1). `header` and `claims` are written as they are.
 *
 * @param {{ header: object, claims: object, key: KeyObject, algorithm: Algorithm }} parts
 */
function signCompact({ header, claims, key, algorithm }) {
  if (!Object.hasOwn(ALGORITHMS, algorithm)) {
    throw optionError(`algorithm '${algorithm}' is none of ${Object.keys(ALGORITHMS).join(', ')}`)
  }
  const signingInput = `${base64urlJson(header)}.${base64urlJson(claims)}`
  const signature = ALGORITHMS[algorithm](Buffer.from(signingInput), key, algorithm)
  return `${signingInput}.${signature.toString('base64url')}`
}

/** @type {Record<string, Algorithm>} */
const ALGORITHM_OF_CURVE = { prime256v1: 'ES256', secp384r1: 'ES384', secp521r1: 'ES512' }

/**
 * The algorithm that a key of this type is ordinarily used with.
 *
 * @param {KeyObject} key
 * @returns {Algorithm}
 */
function usualAlgorithm(key) {
  if (key.type === 'secret') return 'HS256'
  if (key.asymmetricKeyType === 'rsa-pss') return 'PS256'
  if (key.asymmetricKeyType !== 'ec') return 'RS256'
  return ALGORITHM_OF_CURVE[key.asymmetricKeyDetails?.namedCurve ?? ''] ?? 'ES256'
}

/**
 * @param {string} hash
 * @param {import('node:crypto').SigningOptions} parameters
 * @param {string[]} keyTypes
 * @returns {Signer}
 */
function asymmetric(hash, parameters, keyTypes) {
  return (data, key, algorithm) => {
    if (key.type !== 'private' || !keyTypes.includes(key.asymmetricKeyType ?? '')) {
      throw optionError(`${algorithm} needs a private key of type ${keyTypes.join(' or ')}`)
    }
    return sign(hash, data, { key, ...parameters })
  }
}

/**
 * @param {string} hash
 * @returns {Signer}
 */
function symmetric(hash) {
  return (data, key, algorithm) => {
    if (key.type !== 'secret') throw optionError(`${algorithm} needs a secret KeyObject (crypto.createSecretKey)`)
    return createHmac(hash, key).update(data).digest()
  }
}

/** @param {object} value */
function base64urlJson(value) {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

module.exports = { signCompact, usualAlgorithm }
