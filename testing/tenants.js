'use strict'

const { assertText } = require('./errors')
const { assertGuid } = require('./guid')
const { stringsIn } = require('./permissions')

// The tenant of personal Microsoft accounts: a constant of the platform, the same everywhere.
const CONSUMERS = '9188040d-6c67-4c5b-b112-36a304b66dad'

/**
 * A `{tenant}` segment. `segment` is what Entra writes into URLs (a domain becomes its GUID); `tenantId` is what it writes
 * into issuers, literally `{tenantid}` where the tenant is `open`.
 *
 * @typedef {{ segment: string, tenantId: string, open: boolean }} Tenant
 */

/** Which `{tenant}` segments of a URL this authority knows. */
class Tenants {
  #tenantIds
  #domain

  /** @param {{ tenantId: string, otherTenants: readonly string[], domain: string }} settings */
  constructor({ tenantId, otherTenants, domain }) {
    assertGuid('tenantId', tenantId)
    for (const [index, id] of stringsIn('otherTenants', otherTenants).entries()) {
      assertGuid(`otherTenants: at index ${index}`, id)
    }
    assertText('domain', domain)
    this.tenantId = tenantId.toLowerCase()
    this.#tenantIds = new Set([this.tenantId, ...otherTenants.map((id) => id.toLowerCase())])
    this.#domain = domain.toLowerCase()
  }

  /**
   * @param {string} segment
   * @returns {Tenant | undefined}
   */
  resolve(segment) {
    const wanted = segment.toLowerCase()
    if (wanted === 'common' || wanted === 'organizations')
      return { segment: wanted, tenantId: '{tenantid}', open: true }
    if (wanted === 'consumers') return { segment: wanted, tenantId: CONSUMERS, open: true }
    const tenantId = wanted === this.#domain ? this.tenantId : wanted
    return this.#tenantIds.has(tenantId) ? { segment: tenantId, tenantId, open: false } : undefined
  }

  /**
   * The tenant of the users, where a URL leaves it open; they have no personal accounts.
   *
   * @param {Tenant} open
   * @returns {Tenant | undefined}
   */
  home(open) {
    return open.tenantId === CONSUMERS ? undefined : { ...open, tenantId: this.tenantId, open: false }
  }
}

exports.Tenants = Tenants
