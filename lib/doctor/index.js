'use strict'

/** @type {typeof import('../../native')} */
const native = require('../native')
const { addVariables, proxyVariable, withHint } = require('../core/environment')
const { isAuthError } = require('../core/errors')
const { configure } = require('../core/options')
const { ownOnly } = require('../core/own-only')
const { rootCertificates } = require('../core/root-certificates')
const { settingsOf } = require('../http/settings')
const { verifierOf } = require('../http/verifier')
const { firstCause, withReason } = require('./cause')
const { examineDocuments } = require('./documents')
const { examineEnvironment } = require('./environment')
const { BELONGS } = require('./environment/belongs')
const { examineRoute } = require('./route')
const { failed, passed, skipped } = require('./steps')

/**
 * @typedef {import('./steps').Step} Step
 * @typedef {import('../..').Options} Options
 * @typedef {import('../..').Verifier} Verifier
 */

/**
 * The servers of a configuration, and how they are reached.
 *
 * @typedef {object} Plan
 * @property {string | undefined} metadata URL of the authority's metadata, unless this configuration does not need it
 * @property {string[]} keys URLs of the key sets, as far as they are known without the metadata
 * @property {string | undefined} [otherwise] URL of the key set that is fetched where the first of `keys` is unknown (404)
 * @property {string[]} issuers accepted issuers of Entra, with `{tenantid}` where the tenant is not one
 * @property {URL[]} urls all of these
 * @property {URL | undefined} proxy
 * @property {(url: URL) => boolean} usesProxy whether the core fetches a URL through the proxy
 * @property {boolean} heedsNoProxy whether `HTTPS_PROXY` is used, except for hosts in `NO_PROXY`
 * @property {(document: string) => Believed} readMetadata what the core makes of metadata
 * @property {string[]} ca trusted certificates, PEM
 * @property {number} timeout milliseconds
 */

/** @typedef {{ problem?: string | undefined, keys?: string | undefined }} Believed */

/** Seconds that a whole fetch may take, if `keys.timeout` does not say otherwise. */
const TIMEOUT = 5

/** @typedef {{ healthy: boolean, steps: Step[], cause?: import('./cause').Cause | undefined }} Result */

/**
 * Checks a configuration, from the environment to the signing keys. Each of several authorities is checked separately,
 * and its steps name it.
 *
 * @param {Options} [options] as of `createVerifier`; the environment adds to them
 * @param {(step: Step) => void} [onStep] called with each step as it ends
 * @returns {Promise<Result>}
 */
async function doctor(options = {}, onStep = () => {}) {
  const whole = createReport(hintsFor(options), onStep)
  whole.push(...examineEnvironment(options, process.env))
  const compiled = compile(options, whole)
  const several = compiled ? authoritiesOf(options, compiled.verifier) : []
  if (compiled && several.length === 0) await examinePlan(compiled, options, whole)
  const reports = [whole]
  for (const { authority, alone } of several) {
    const report = createReport(undefined, (step) => onStep({ ...step, authority }))
    const one = compile(alone, report)
    if (one) await examinePlan(one, alone, report)
    reports.push({ ...report, steps: report.steps.map((step) => ({ ...step, authority })) })
  }
  const steps = reports.flatMap((report) => report.steps)
  // Consequences are determined within one authority.
  const causes = reports.map((report) => firstCause(report.steps)).filter((cause) => cause !== undefined)
  return { healthy: isHealthy(steps), steps: steps.map(withoutSubject), cause: causes[0] }
}

/**
 * Each of several authorities, by its name in `stats()`, with a configuration of its own.
 *
 * @param {Options} options that a verifier accepted
 * @param {Verifier} verifier
 * @returns {{ authority: string, alone: Options }[]}
 */
function authoritiesOf(options, verifier) {
  const { authorities = [] } = options
  const names = verifier.stats().authorities ?? []
  return names.map(({ authority }, at) => ({
    authority,
    alone: { ...options, authorities: authorities.slice(at, at + 1) }
  }))
}

/**
 * The steps so far; each has the earlier failure that caused its own.
 *
 * @typedef {{ steps: readonly Step[], push(...steps: Step[]): void }} Report
 */

/**
 * @param {import('../core/environment').Hints | undefined} hints
 * @param {(step: Step) => void} onStep
 * @returns {Report}
 */
function createReport(hints, onStep) {
  /** @type {Step[]} */
  const steps = []
  return {
    steps,
    push(...added) {
      for (const step of added) {
        const told = withReason(withHint(step, hints), steps)
        steps.push(told)
        onStep(withoutSubject(told))
      }
    }
  }
}

/** @param {Step} step */
function withoutSubject({ about: _, ...step }) {
  return step
}

/** @param {Options} options */
function hintsFor(options) {
  try {
    return configure(options).hints
  } catch {
    // Invalid options are reported by a later step.
    return undefined
  }
}

/**
 * @param {{ plan: Plan, verifier: Verifier }} compiled
 * @param {Options} options
 * @param {Report} report what is found is added
 */
async function examinePlan({ plan, verifier }, options, report) {
  if (plan.urls.length === 0) {
    report.push(skipped('network', 'static keys (option jwks): nothing is fetched'), staticKeys(options))
    return
  }
  const routeTo = routes(plan, report)
  for (const url of plan.urls) await routeTo(url)
  await examineDocuments(plan, routeTo, report)
  report.push(await fetchedKeys(verifier))
}

/** @param {readonly Step[]} steps */
function isHealthy(steps) {
  return steps.every(({ status }) => status !== 'failed')
}

/**
 * The verifier, and the servers of its configuration; `undefined` if that is invalid.
 *
 * @param {Options} options
 * @param {Report} report what is found is added
 */
function compile(options, report) {
  try {
    const configuration = configure(options)
    const { core, noProxy, own } = configuration
    const verifier = verifierOf({ ...configuration, isExamined: true }, settingsOf(own))
    const { proxy, ca = [], keys = {} } = ownOnly(JSON.parse(core))
    const places = native.places(core)
    // The verifier has accepted the same options.
    if (isFailure(places)) throw new Error(places.message)
    const { metadata } = places
    const urls = [...(metadata === undefined ? [] : [metadata]), ...places.keys].map((url) => new URL(url))
    report.push(passed('configuration', accepted(places.issuers)))
    /** @type {Plan} */
    const plan = {
      ...places,
      metadata,
      urls,
      proxy: proxy === undefined ? undefined : new URL(proxy),
      heedsNoProxy: options.proxy === undefined && proxyVariable('HTTPS_PROXY', process.env) !== undefined,
      usesProxy: (url) => native.usesProxy(core, noProxy, url.href),
      readMetadata: (document) => believed(core, document),
      ca: [...rootCertificates(), ...[ca].flat()],
      timeout: (keys.timeout ?? TIMEOUT) * 1000
    }
    return { verifier, plan }
  } catch (error) {
    if (!isAuthError(error)) throw error
    report.push(failed('configuration', error.message, missing(options) ?? error.hint))
    return undefined
  }
}

/**
 * What to set, if nothing names the tenant or the API.
 *
 * @param {Options} options
 */
function missing(options) {
  const given = ownOnly({ ...options })
  addVariables(given, process.env)
  const { tenantId, authority, authorities, issuer, clientId, audience } = given
  const order = [
    (tenantId ?? authority ?? authorities ?? issuer) === undefined && `ENTRA_TENANT_ID to ${BELONGS.tenantId}`,
    (clientId ?? audience ?? authorities) === undefined && `ENTRA_CLIENT_ID to ${BELONGS.clientId}`
  ].filter((part) => part !== false)
  return order.length > 0 ? `set ${order.join(' and ')}` : undefined
}

/**
 * Whose tokens are accepted.
 *
 * @param {string[]} issuers of Entra
 */
function accepted(issuers) {
  if (issuers.length === 0) return 'tokens of another issuer than Entra'
  const isExternal = issuers.some((issuer) => /^https:\/\/[^/]+\.ciamlogin\.com\//.test(issuer))
  return `tokens of ${isExternal ? 'External ID, ' : ''}${issuers.join(' or ')}`
}

/**
 * @param {string} core
 * @param {string} document
 * @returns {Believed}
 */
function believed(core, document) {
  const metadata = native.readMetadata(core, document)
  return isFailure(metadata) ? { problem: metadata.message } : metadata
}

/**
 * @param {object} value
 * @returns {value is import('../../native').Failure}
 */
function isFailure(value) {
  return Object.hasOwn(value, 'code')
}

/**
 * Returns a function that checks the route to an origin once and returns how it is reached.
 *
 * @param {Plan} plan
 * @param {Report} report what is found is added
 */
function routes(plan, report) {
  /** @type {Map<string, import('./route').Route>} */
  const known = new Map()
  return async (/** @type {URL} */ url) => {
    const route = known.get(url.origin) ?? (await examineRoute(url, plan))
    if (!known.has(url.origin)) report.push(...route.steps)
    known.set(url.origin, route)
    return route
  }
}

/**
 * Checks that the verifier itself can fetch its keys.
 *
 * @param {Verifier} verifier
 */
async function fetchedKeys(verifier) {
  try {
    await verifier.preload()
  } catch (error) {
    if (!isAuthError(error)) throw error
    return failed('keys', error.message, error.hint)
  }
  const { keys, lastSuccess } = verifier.stats()
  const age = Math.max(0, Math.round((Date.now() - (lastSuccess?.getTime() ?? 0)) / 1000))
  const count = new Set(keys.map(({ kid }) => kid)).size
  return passed('keys', `the verifier has ${count} keys, fetched ${age} s ago`)
}

/** @param {Options} options */
function staticKeys({ jwks, authorities: [only] = [] }) {
  const { usable, skipped: unused } = native.readKeySet(JSON.stringify(only?.jwks ?? jwks ?? {}))
  return passed('keys', `${usable.length} keys can be used, ${unused.length} are skipped`)
}

module.exports = { doctor }
