'use strict'

const { createHash, KeyObject, webcrypto, X509Certificate } = require('node:crypto')
const { createSigningCertificate, loadX509 } = require('./certificates')
const { optionError } = require('./errors')

/**
 * @typedef {import('./index').SigningKey} SigningKey
 * @typedef {Omit<SigningKey, 'published' | 'signing'> & { published: boolean }} Key
 */

/** The signing keys of one authority: which exist, which sign, which are published. */
class KeyRing {
  /** @type {Map<string, Key>} */
  #keys = new Map()
  /** @type {Key | undefined} */
  #current
  #cloudInstanceName

  /** @param {string} cloudInstanceName */
  constructor(cloudInstanceName) {
    this.#cloudInstanceName = cloudInstanceName
  }

  /**
   * Makes a key. It signs nothing until `sign` is called, except when it belongs to an application (`clientId`):
   * an application's newest key signs the tokens for it.
   *
   * @param {import('./index').KeyOptions} [options]
   * @returns {Promise<Key>}
   */
  async add({ publish = true, clientId, issuer, cloudInstanceName, modulusLength = 2048 } = {}) {
    const generated = await generateSigningKey({
      cloudInstanceName: cloudInstanceName ?? this.#cloudInstanceName,
      modulusLength
    })
    const key = { ...generated, published: publish, clientId: clientId?.toLowerCase(), issuer }
    this.#keys.set(key.kid, key)
    if (clientId === undefined) this.#current ??= key
    return key
  }

  /** @param {string} kid */
  sign(kid) {
    const key = this.get(kid)
    if (key.clientId !== undefined) throw optionError(`key '${kid}' belongs to application ${key.clientId}`)
    this.#current = key
  }

  /**
   * @param {string} kid
   * @param {boolean} published
   */
  publish(kid, published) {
    this.get(kid).published = published
  }

  /** @param {string} kid */
  get(kid) {
    const key = this.#keys.get(kid)
    if (key === undefined) throw optionError(`this authority has no key '${kid}'`)
    return key
  }

  /**
   * The key that signs tokens for this application: its own newest one, else the common current one.
   *
   * @param {string | undefined} clientId
   */
  signingKey(clientId) {
    const key = this.#ownedBy(clientId).at(-1) ?? this.#current
    if (key === undefined) throw optionError('this authority has no key that signs')
    return key
  }

  /**
   * The published keys. As at Entra, `?appid=` of an application with keys of its own shows those and no others.
   *
   * @param {string | undefined} clientId
   */
  published(clientId) {
    const owned = this.#ownedBy(clientId)
    const keys = owned.length > 0 ? owned : this.all().filter((key) => key.clientId === undefined)
    return keys.filter((key) => key.published)
  }

  all() {
    return [...this.#keys.values()]
  }

  /** @param {string | undefined} clientId */
  #ownedBy(clientId) {
    if (clientId === undefined) return []
    return this.all().filter((key) => key.clientId === clientId.toLowerCase())
  }
}

/**
 * @param {{ cloudInstanceName: string, modulusLength: number }} settings
 * @returns {Promise<Omit<Key, 'published' | 'clientId' | 'issuer'>>}
 */
async function generateSigningKey({ cloudInstanceName, modulusLength }) {
  // Started before loadX509: the thread pool looks for primes while this thread loads the library.
  const pending = webcrypto.subtle.generateKey(
    { name: 'RSASSA-PKCS1-v1_5', modulusLength, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' },
    true,
    ['sign', 'verify']
  )
  loadX509()
  const pair = await pending
  const der = await createSigningCertificate(pair)
  const publicKey = KeyObject.from(pair.publicKey)
  const { n = '', e = '' } = publicKey.export({ format: 'jwk' })
  const kid = createHash('sha1').update(der).digest('base64url')
  return {
    kid,
    publicKey,
    privateKey: KeyObject.from(pair.privateKey),
    certificate: new X509Certificate(der).toString(),
    jwk: {
      kty: 'RSA',
      use: 'sig',
      kid,
      x5t: kid,
      n,
      e,
      x5c: [der.toString('base64')],
      cloud_instance_name: cloudInstanceName
    }
  }
}

exports.KeyRing = KeyRing
