'use strict'

/** @type {typeof import('../../native')} */
const native = require('../native')
const { get, reason, tunnel } = require('./network')
const { failed, passed, skipped, warning } = require('./steps')
const { codeOf } = require('../thrown')

/**
 * @typedef {import('./steps').Step} Step
 * @typedef {import('./index').Plan} Plan
 * @typedef {(url: URL) => Promise<import('./route').Route>} RouteTo
 */

/**
 * A document, or why there is none.
 *
 * @typedef {import('./network').Response & { url: URL }} Answer
 * @typedef {{ url: URL, unreachable: true } | { url: URL, error: unknown }} NoAnswer
 */

/** Seconds by which clocks may differ without a warning, and without a failure. */
const CLOCK = { well: 5, bearable: 60 }

/** Microsoft's clouds, by the `cloud_instance_name` of their metadata; `login.` in front of it is the host. */
const CLOUDS = ['microsoftonline.com', 'microsoftonline.us', 'partner.microsoftonline.cn']

/**
 * Errors of Entra that say what is wrong with the configuration.
 *
 * @type {Record<string, string>}
 */
const AADSTS = {
  AADSTS90002:
    'there is no such tenant in this cloud: check ENTRA_TENANT_ID, and ENTRA_AUTHORITY_HOST for a sovereign cloud',
  AADSTS900023: 'ENTRA_TENANT_ID is neither a GUID nor a domain of a tenant',
  AADSTS900021: 'ENTRA_TENANT_ID is neither a GUID nor a domain of a tenant'
}

/**
 * Reads what the authority publishes: metadata and key sets, and its clock on the way.
 *
 * @param {Plan} plan
 * @param {RouteTo} routeTo
 * @param {Step[]} steps what is found is added
 */
async function examineDocuments(plan, routeTo, steps) {
  const metadata = plan.metadata === undefined ? undefined : await document(new URL(plan.metadata), plan, routeTo)
  /** @type {import('./index').Believed} */
  const believed = metadata && isDocument(metadata) ? plan.readMetadata(metadata.body) : {}
  steps.push(metadataStep(metadata, plan, believed))
  const keySets = []
  for (const address of plan.keys.length ? plan.keys : [believed.keys ?? []].flat()) {
    const answer = await document(new URL(address), plan, routeTo)
    const isUnknown = 'status' in answer && answer.status === 404 && plan.otherwise !== undefined
    // As the core does.
    keySets.push(isUnknown ? await document(new URL(plan.otherwise ?? address), plan, routeTo) : answer)
  }
  steps.push(clockStep([metadata, ...keySets]))
  steps.push(...keySets.map(keySetStep))
}

/**
 * @param {URL} url
 * @param {Plan} plan
 * @param {RouteTo} routeTo
 * @returns {Promise<Answer | NoAnswer>}
 */
async function document(url, plan, routeTo) {
  const { open, viaProxy } = await routeTo(url)
  if (!open) return { url, unreachable: true }
  try {
    const socket = viaProxy && plan.proxy ? await tunnel(plan.proxy, url, plan) : undefined
    return { url, ...(await get(url, { ...plan, socket })) }
  } catch (error) {
    return { url, error }
  }
}

/**
 * @param {Answer | NoAnswer | undefined} answer
 * @param {Pick<Plan, 'issuers'>} plan
 * @param {import('./index').Believed} [believed]
 * @returns {Step}
 */
function metadataStep(answer, { issuers }, { problem } = {}) {
  if (answer === undefined) return skipped('metadata', 'not needed by this configuration')
  if (!isDocument(answer)) return withoutDocument('metadata', answer)
  const { issuer, jwks_uri: keys, cloud_instance_name: cloud } = json(answer.body) ?? {}
  if (typeof issuer !== 'string' || typeof keys !== 'string') {
    return failed(
      'metadata',
      `${answer.url.href} is not OIDC metadata`,
      'check ENTRA_AUTHORITY_HOST (option authorityHost, authority)'
    )
  }
  if (isOfAnotherCloud(answer.url.hostname, cloud)) {
    const hint = `set ENTRA_AUTHORITY_HOST (option authorityHost) to https://login.${cloud}`
    return failed('metadata', `the tenant is in another cloud, ${cloud}`, hint)
  }
  if (issuers.length && !issuers.some((expected) => fits(expected, issuer))) {
    const hint = 'check ENTRA_TENANT_ID and ENTRA_AUTHORITY_HOST: tokens of that issuer are not accepted'
    return failed('metadata', `expected the issuer ${issuers.join(' or ')}, got ${issuer}`, hint)
  }
  if (problem) {
    const hint = 'check the authority (option authority, ENTRA_TENANT_ID): the core does not believe this document'
    return failed('metadata', `${problem}: issuer ${issuer}, jwks_uri ${keys}`, hint)
  }
  return passed('metadata', `the issuer is ${issuer}`)
}

/**
 * `https://login.microsoftonline.com` also answers for tenants of other clouds, and says where they are.
 *
 * @param {string} hostname
 * @param {unknown} cloud
 * @returns {cloud is string}
 */
function isOfAnotherCloud(hostname, cloud) {
  return CLOUDS.some((other) => other === cloud) && CLOUDS.some((own) => hostname === `login.${own}` && own !== cloud)
}

/**
 * Whether an issuer is the expected one; `{tenantid}` stands for any tenant, and for itself.
 *
 * @param {string} expected
 * @param {string} issuer
 */
function fits(expected, issuer) {
  const [before = '', after] = expected.split('{tenantid}')
  if (after === undefined) return issuer === expected
  if (!issuer.startsWith(before) || !issuer.endsWith(after)) return false
  const tenant = issuer.slice(before.length, issuer.length - after.length)
  return tenant === '{tenantid}' || /^[0-9a-f-]{36}$/i.test(tenant)
}

/** @param {(Answer | NoAnswer | undefined)[]} answers of which one may have a `Date` */
function clockStep(answers) {
  const answer = answers.find((each) => each !== undefined && 'clock' in each && each.clock !== undefined)
  if (answer === undefined || !('clock' in answer) || answer.clock === undefined) {
    return skipped('clock', 'no server sent a date')
  }
  const { clock, url } = answer
  const difference = `${Math.abs(clock).toFixed(Math.abs(clock) < 10 ? 1 : 0)} s ${clock > 0 ? 'ahead of' : 'behind'}`
  const message = `this host's clock is ${difference} ${url.host}`
  if (Math.abs(clock) <= CLOCK.well) return passed('clock', message)
  const hint = 'synchronize the clock (NTP, or the virtual machine): tokens expire by it'
  return (Math.abs(clock) <= CLOCK.bearable ? warning : failed)('clock', message, hint)
}

/** @param {Answer | NoAnswer} answer */
function keySetStep(answer) {
  if (!isDocument(answer)) return withoutDocument('key-set', answer)
  const { usable, skipped: unused, problem } = native.readKeySet(answer.body)
  const address = `${answer.url.origin}${answer.url.pathname}`
  if (problem) {
    return failed(
      'key-set',
      `${address}: ${problem}`,
      'check that the address is a JWK Set (option jwksUri, authority)'
    )
  }
  const message = `${address}: ${usable.length} keys can be used, ${unused.length} are skipped`
  if (unused.length === 0) return passed('key-set', message)
  const reasons = [...new Set(unused)].join('; ')
  const hint = 'tokens signed with a skipped key are rejected; only the key publisher can fix them'
  return warning('key-set', `${message}: ${reasons}`, hint)
}

/**
 * @param {Answer | NoAnswer} answer
 * @returns {answer is Answer & { status: 200 }}
 */
function isDocument(answer) {
  return 'status' in answer && answer.status === 200
}

/**
 * Why there is no document, as a step.
 *
 * @param {string} name
 * @param {Answer | NoAnswer} answer
 */
function withoutDocument(name, answer) {
  const { url } = answer
  if ('unreachable' in answer) return skipped(name, `${url.host} cannot be reached`)
  const address = `${url.origin}${url.pathname}`
  if ('error' in answer) return failed(name, `${address}: ${reason(answer.error)}`, errorHint(answer.error))
  const { status = 0, body } = answer
  const description = json(body)?.error_description
  const code = typeof description === 'string' ? /^AADSTS\d+/.exec(description)?.[0] : undefined
  return failed(name, `${address} answered ${[status, code].filter(Boolean).join(' ')}`, statusHint(status, code))
}

/** @param {unknown} error */
function errorHint(error) {
  if (codeOf(error) === 'ECONNREFUSED')
    return 'check ENTRA_AUTHORITY_HOST (option authorityHost, authority, jwksUri): nothing listens there'
  return 'try again; the server closed the connection or did not answer in time'
}

/**
 * @param {number} status
 * @param {string | undefined} code
 */
function statusHint(status, code) {
  if (code) return AADSTS[code] ?? `search for ${code}; Entra does not accept this tenant or application`
  if (status >= 300 && status < 400)
    return 'check ENTRA_AUTHORITY_HOST (option authorityHost, authority): redirects are not followed'
  if (status >= 500 || status === 429) return 'try again later; the authority has a problem'
  return 'check ENTRA_AUTHORITY_HOST, ENTRA_TENANT_ID (option authority, jwksUri)'
}

/**
 * An object in JSON; `undefined` for anything else.
 *
 * @param {string} text
 * @returns {Record<string, unknown> | undefined}
 */
function json(text) {
  try {
    const value = JSON.parse(text)
    return value !== null && typeof value === 'object' ? value : undefined
  } catch {
    return undefined
  }
}

module.exports = { examineDocuments, metadataStep }
