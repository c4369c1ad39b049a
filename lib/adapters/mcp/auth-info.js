'use strict'

const { VerifiedToken, verifierOf } = require('../../core/verified-token')

/** The URL that is protected, by the verifier of its tokens. */
const RESOURCES = new WeakMap()

/**
 * A verified token that is also the MCP SDK's `AuthInfo`, so that both tools and guards can use it. It is a subclass
 * and not a copy, because guards do not accept a copy.
 */
class AuthInfo extends VerifiedToken {
  /** @type {Readonly<Record<string, unknown>> | undefined} */
  #extra

  /** A text also for a token of another issuer that names no client. */
  get clientId() {
    return super.clientId ?? ''
  }

  /** A new URL each time: a URL can be changed. */
  get resource() {
    return new URL(RESOURCES.get(verifierOf(this)))
  }

  /** What `AuthInfo` has no members for. No claims beyond these: a tool may show it to a model, or log it. */
  get extra() {
    this.#extra ??= extraOf(this)
    return this.#extra
  }
}

/** @param {AuthInfo} auth */
function extraOf({ claims: { oid: objectId }, tenantId, roles, isAppOnly, isAgent }) {
  return Object.freeze({ tenantId, objectId, roles, isAppOnly, isAgent })
}

/**
 * Registers the URL that the tokens of a verifier, whose token class is `AuthInfo`, are for.
 *
 * @param {object} verifier
 * @param {string} resource
 */
function protectsResource(verifier, resource) {
  RESOURCES.set(verifier, resource)
}

module.exports = { AuthInfo, protectsResource }
