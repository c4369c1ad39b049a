'use strict'

const { VerifiedToken, verifierOf } = require('../../core/verified-token')

/** The URL that is protected, by the verifier of its tokens. */
const RESOURCES = new WeakMap()

/**
 * A verified token that is also what the MCP SDK calls `AuthInfo`, so that tools see who calls and guards still see their
 * proof. The class is in place of a copy: a copy would be no proof.
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
 * Says which URL is protected by the tokens of a verifier, whose class is `AuthInfo`.
 *
 * @param {object} verifier
 * @param {string} resource
 */
function protectsResource(verifier, resource) {
  RESOURCES.set(verifier, resource)
}

module.exports = { AuthInfo, protectsResource }
