'use strict'

/** @type {typeof import('../../native')} */
const native = require('../native')
const { aadstsCode, explainAadsts } = require('./aadsts')
const { CLOUDS, isOfMicrosoft } = require('./hosts')
const { get } = require('./http')
const { hintOf, reason, tunnel } = require('./network')
const { about, failed, passed, skipped, warning } = require('./steps')
const { codeOf } = require('../thrown')

/**
 * @typedef {import('./steps').Step} Step
 * @typedef {import('./index').Plan} Plan
 * @typedef {(url: URL) => Promise<import('./route').Route>} RouteTo
 */

/**
 * A document, or why there is none.
 *
 * @typedef {import('./http').Response & { url: URL }} Answer
 * @typedef {{ url: URL, unreachable: true } | { url: URL, error: unknown }} NoAnswer
 */

/** Seconds by which clocks may differ without a warning (`well`), and without a failure. */
const CLOCK = { well: 5, bearable: 60 }

/**
 * What to do about errors of Entra in responses to requests for keys and metadata, by the settings of this process.
 *
 * @type {Record<string, string>}
 */
const ADVICE = {
  90002: 'check ENTRA_TENANT_ID, and ENTRA_AUTHORITY_HOST for a sovereign cloud',
  900021: 'set ENTRA_TENANT_ID to the id of the tenant, or to a domain that it has verified',
  900023: 'set ENTRA_TENANT_ID to the id of the tenant, or to a domain that it has verified',
  5000224: 'check ENTRA_TENANT_ID; if it is right, ask the owner of the tenant'
}

/**
 * Checks what the authority publishes, metadata and key sets, and its clock.
 *
 * @param {Plan} plan
 * @param {RouteTo} routeTo
 * @param {import('./index').Report} report what is found is added
 */
async function examineDocuments(plan, routeTo, report) {
  const metadata = plan.metadata === undefined ? undefined : await document(new URL(plan.metadata), plan, routeTo)
  /** @type {import('./index').Believed} */
  const believed = metadata && isDocument(metadata) ? plan.readMetadata(metadata.body.toString()) : {}
  report.push(metadataStep(metadata, plan, believed))
  const keySets = []
  for (const address of plan.keys.length ? plan.keys : [believed.keys ?? []].flat()) {
    const answer = await document(new URL(address), plan, routeTo)
    const isUnknown = 'status' in answer && answer.status === 404 && plan.otherwise !== undefined
    // As the core does.
    keySets.push(isUnknown ? await document(new URL(plan.otherwise ?? address), plan, routeTo) : answer)
  }
  report.push(clockStep([metadata, ...keySets]))
  report.push(...keySets.map(keySetStep))
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
  const { issuer, jwks_uri: keys, cloud_instance_name: cloud } = json(answer.body.toString()) ?? {}
  if (typeof issuer !== 'string' || typeof keys !== 'string') {
    return failed(
      'metadata',
      `${answer.url.href} is ${answer.body.length ? 'not OIDC metadata' : 'an empty document'}`,
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
 * `https://login.microsoftonline.com` also responds for tenants of other clouds, and names their cloud.
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
  const hint = 'set the clock: synchronize it by NTP, or with the host of the virtual machine; tokens are valid by it'
  return (Math.abs(clock) <= CLOCK.bearable ? warning : failed)('clock', message, hint)
}

/** @param {Answer | NoAnswer} answer */
function keySetStep(answer) {
  if (!isDocument(answer)) return withoutDocument('key-set', answer)
  const { usable, skipped: unused, problem } = native.readKeySet(answer.body.toString())
  const address = `${answer.url.origin}${answer.url.pathname}`
  if (problem) {
    return failed(
      'key-set',
      `${address}: ${problem}`,
      'check that the URL serves a JWK Set (option jwksUri, authority)'
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
  return 'status' in answer && answer.status === 200 && !problemOf(answer)
}

/**
 * The failed step for a document that cannot be read.
 *
 * @param {string} name
 * @param {Answer | NoAnswer} answer
 */
function withoutDocument(name, answer) {
  const step = missingDocument(name, answer)
  return about(step.message.replace(`${answer.url.origin}${answer.url.pathname}`, ''), step)
}

/**
 * @param {string} name
 * @param {Answer | NoAnswer} answer
 */
function missingDocument(name, answer) {
  const { url } = answer
  if ('unreachable' in answer) return skipped(name, `${url.host} cannot be reached`)
  const address = `${url.origin}${url.pathname}`
  if ('error' in answer) return failed(name, `${address}: ${reason(answer.error)}`, errorHint(answer.error))
  const { cause, hint } = problemOf(answer) ?? { cause: 'the answer cannot be read', hint: '' }
  const code = aadstsCode(answer.body.toString())
  if (code !== undefined) return entraError(name, address, answer.status, code)
  const { location } = answer
  const said = cause.startsWith('the authority ') ? cause.replace('the authority', '') : `: ${cause}`
  if (location === undefined) return failed(name, `${address}${said}`, hint)
  return failed(name, `${address}${said}, to ${withoutQuery(location, url)}`, redirectHint(location, url))
}

/**
 * @param {string} name
 * @param {string} address
 * @param {number} status
 * @param {string} code
 */
function entraError(name, address, status, code) {
  const { is, advice } = explainAadsts(code)
  return failed(name, `${address} answered ${status} AADSTS${code}: ${is}`, ADVICE[code] ?? advice)
}

/**
 * Why a response is not a document, by its status or its content.
 *
 * @param {Answer} answer
 */
function problemOf({ status, encoding, type, body }) {
  return native.answerProblem(status, encoding, type, body)
}

/** @param {unknown} error */
function errorHint(error) {
  const hint = hintOf(error)
  if (hint !== undefined) return hint
  if (codeOf(error) === 'ECONNREFUSED')
    return 'nothing listens there: check ENTRA_AUTHORITY_HOST (option authorityHost, authority, jwksUri)'
  return 'try again; the server closed the connection or did not answer in time'
}

/**
 * A redirect from a host of Microsoft to a foreign host is not Entra's.
 *
 * @param {string} location
 * @param {URL} url
 */
function redirectHint(location, url) {
  const target = URL.canParse(location, url.href) ? new URL(location, url) : url
  if (target.hostname === url.hostname) {
    return 'redirects are not followed: check the path of ENTRA_AUTHORITY (option authority, jwksUri)'
  }
  const portal = `a login page (captive portal), a filter or a proxy on the way answers in place of ${url.hostname}: sign in \
there, or have this process let through`
  return isOfMicrosoft(url.hostname)
    ? portal
    : `redirects are not followed: if ${target.hostname} is the authority, name it in ENTRA_AUTHORITY (option authority, jwksUri); \
if not, ${portal}`
}

/**
 * @param {string} location
 * @param {URL} url
 */
function withoutQuery(location, url) {
  if (!URL.canParse(location, url.href)) return 'somewhere that is no URL'
  const { origin, pathname } = new URL(location, url)
  return `${origin}${pathname}`
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
