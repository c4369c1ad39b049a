'use strict'

const native = require('../native')
const { configure } = require('../core/options')
const { examineDocuments } = require('./documents')
const { examineEnvironment } = require('./environment')
const { examineRoute } = require('./route')
const { failed, passed, skipped } = require('./steps')
const { isAuthError } = require('../core/errors')
const { rootCertificates } = require('../core/root-certificates')
const { createVerifier } = require('../http/verifier')

/** Seconds that a whole fetch may take, if `keys.timeout` does not say otherwise. */
const TIMEOUT = 5

/**
 * Checks a configuration, and everything between it and the signing keys.
 *
 * @param {object} options as of `createVerifier`; the environment adds to them
 * @returns {Promise<{ healthy: boolean, steps: import('./steps').Step[] }>}
 */
async function doctor(options = {}) {
  const steps = examineEnvironment(options, process.env)
  const { verifier, plan } = compile(options, steps)
  if (verifier) await examinePlan(plan, options, verifier, steps)
  return { healthy: isHealthy(steps), steps }
}

async function examinePlan(plan, options, verifier, steps) {
  if (plan.urls.length === 0) {
    steps.push(skipped('network', 'static keys (option jwks): nothing is fetched'), staticKeys(options))
    return
  }
  const routeTo = routes(plan, steps)
  for (const url of plan.urls) await routeTo(url)
  await examineDocuments(plan, routeTo, steps)
  steps.push(await keysAtHand(verifier, isHealthy(steps)))
}

function isHealthy(steps) {
  return steps.every(({ status }) => status !== 'failed')
}

/** The verifier, and where its configuration leads. */
function compile(options, steps) {
  try {
    const verifier = createVerifier(options)
    const { core, noProxy } = configure(options)
    const { proxy, ca = [], keys = {} } = JSON.parse(core)
    const places = native.places(core)
    const urls = [places.metadata, ...places.keys].filter((url) => url !== undefined).map((url) => new URL(url))
    const issuers = places.issuers.length
      ? `tokens of ${places.issuers.join(' or ')}`
      : 'tokens of another issuer than Entra'
    steps.push(passed('configuration', issuers))
    const plan = {
      ...places,
      urls,
      proxy: proxy === undefined ? undefined : new URL(proxy),
      noProxy,
      ca: [...rootCertificates(), ...[ca].flat()],
      timeout: (keys.timeout ?? TIMEOUT) * 1000
    }
    return { verifier, plan }
  } catch (error) {
    if (!isAuthError(error)) throw error
    steps.push(failed('configuration', error.message, error.hint))
    return {}
  }
}

/** A function that tells how an origin is reached, and examines it when it is first asked for. */
function routes(plan, steps) {
  const known = new Map()
  return async (url) => {
    if (!known.has(url.origin)) {
      const route = await examineRoute(url, plan)
      steps.push(...route.steps)
      known.set(url.origin, route)
    }
    return known.get(url.origin)
  }
}

/** What counts in the end: whether the verifier itself gets its keys. */
async function keysAtHand(verifier, wasWellSoFar) {
  try {
    await verifier.preload()
  } catch (error) {
    if (!isAuthError(error)) throw error
    const hint = wasWellSoFar ? error.hint : 'see the failures above; they are why'
    return failed('keys', error.message, hint)
  }
  const { keys, lastSuccess } = verifier.stats()
  const age = Math.max(0, Math.round((Date.now() - lastSuccess.getTime()) / 1000))
  const count = new Set(keys.map(({ kid }) => kid)).size
  return passed('keys', `the verifier has ${count} keys, fetched ${age} s ago`)
}

function staticKeys({ jwks }) {
  const { usable, skipped: unused } = native.readKeySet(JSON.stringify(jwks))
  return passed('keys', `${usable.length} keys can be used, ${unused.length} are skipped`)
}

module.exports = { doctor }
