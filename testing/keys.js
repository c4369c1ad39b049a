'use strict'

const { createHash } = require('node:crypto')
const { createSigningCertificate, pem } = require('./certificates')
const { optionError } = require('./errors')
const { generateRsaKey, generateRsaKeySync } = require('./rsa')

/**
 * @typedef {import('./index').SigningKey} SigningKey
 * @typedef {Omit<SigningKey, 'published' | 'signing'> & { published: boolean }} Key
 */

/** How many authorities of this process are making their first keys. */
let beginning = 0

/** The signing keys of one authority: which exist, which sign, which are published. */
class KeyRing {
  /** @type {Map<string, Key>} */
  #keys = new Map()
  /** @type {Key | undefined} */
  #current
  /** @type {Promise<void> | undefined} until the next key is there */
  #next
  #cloudInstanceName

  /** @param {string} cloudInstanceName */
  constructor(cloudInstanceName) {
    this.#cloudInstanceName = cloudInstanceName
  }

  /**
   * Creates the first keys of an authority: the signing key, those of applications with their own, and the next signing
   * key, which Entra publishes too. The latter is created after the authority has started, because creating keys takes
   * time. If several authorities start at once, each waits for it: otherwise requests for keys would wait longer than a
   * client's time limit.
   *
   * @param {string[]} owners client ids
   */
  async begin(owners) {
    beginning++
    try {
      await Promise.all([this.add(), ...owners.map((clientId) => this.add({ clientId }))])
      this.#next = generateRsaKey().then((generated) => this.#addNext(generated))
      if (beginning > 1) await this.#next
    } finally {
      beginning--
    }
  }

  /** Resolves when all keys are there. */
  complete() {
    return this.#next
  }

  /**
   * Creates a key. It is not used until `sign` is called, unless it belongs to an application (`clientId`), whose
   * newest key signs the application's tokens.
   *
   * @param {import('./index').KeyOptions} [options]
   * @returns {Promise<Key>}
   */
  async add({ publish = true, clientId, issuer, cloudInstanceName, modulusLength } = {}) {
    const [generated] = await Promise.all([generateRsaKey(modulusLength), this.#next])
    const key = {
      ...describe(generated, cloudInstanceName ?? this.#cloudInstanceName),
      published: publish,
      clientId: clientId?.toLowerCase(),
      issuer
    }
    this.#keys.set(key.kid, key)
    if (clientId === undefined) this.#current ??= key
    return key
  }

  /** @param {import('./rsa').RsaKey} generated */
  #addNext(generated) {
    if (this.#next === undefined) return
    this.#next = undefined
    const key = {
      ...describe(generated, this.#cloudInstanceName),
      published: true,
      clientId: undefined,
      issuer: undefined
    }
    this.#keys.set(key.kid, key)
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
   * The key that signs tokens for this application: its own newest key, or else the authority's current one.
   *
   * @param {string | undefined} clientId
   */
  signingKey(clientId) {
    const key = this.#ownedBy(clientId).at(-1) ?? this.#current
    if (key === undefined) throw optionError('this authority has no key that signs')
    return key
  }

  /**
   * The published keys. As in Entra, with `?appid=` of an application with its own keys, only these.
   *
   * @param {string | undefined} clientId
   */
  published(clientId) {
    const owned = this.#ownedBy(clientId)
    const keys = owned.length > 0 ? owned : this.all().filter((key) => key.clientId === undefined)
    return keys.filter((key) => key.published)
  }

  all() {
    // Requests wait for the next key, so that the authority always has one.
    if (this.#next !== undefined) this.#addNext(generateRsaKeySync())
    return [...this.#keys.values()]
  }

  /** @param {string | undefined} clientId */
  #ownedBy(clientId) {
    if (clientId === undefined) return []
    return [...this.#keys.values()].filter((key) => key.clientId === clientId.toLowerCase())
  }
}

/**
 * A key as Entra publishes it.
 *
 * @param {import('./rsa').RsaKey} generated
 * @param {string} cloudInstanceName
 * @returns {Omit<Key, 'published' | 'clientId' | 'issuer'>}
 */
function describe({ publicKey, privateKey, n, e }, cloudInstanceName) {
  const certificate = createSigningCertificate({ publicKey, privateKey })
  const kid = createHash('sha1').update(certificate).digest('base64url')
  return {
    kid,
    publicKey,
    privateKey,
    certificate: pem(certificate),
    jwk: {
      kty: 'RSA',
      use: 'sig',
      kid,
      x5t: kid,
      n,
      e,
      x5c: [certificate.toString('base64')],
      cloud_instance_name: cloudInstanceName
    }
  }
}

exports.KeyRing = KeyRing
