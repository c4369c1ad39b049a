'use strict'

const { callError, kindOf } = require('../core/errors')
const { isVerifiedToken } = require('../core/verified-token')
const { isPending } = require('../core/verifier')
const { missingTokenError } = require('../http/authorization')
const { entryOf } = require('../http/entry')
const { ABSENT, MET, UNPROTECTED } = require('../http/protection')

/** @import { VerifiedToken } from '../..' */
/** @import { Answer } from '../http/answers' */
/** @import { AppProtection } from '../http/protection' */
/** @import { Requirement } from '../http/requirements' */

/**
 * A fetch `Request`, or another object with its headers.
 *
 * @typedef {{ readonly headers: { get(name: string): string | null } }} FetchRequest
 */

/** @typedef {{ readonly auth: VerifiedToken | undefined, readonly response: any }} Result */

/**
 * There is no token, and the option `optional` admits the request.
 *
 * @type {Result}
 */
const PASSED_WITHOUT_TOKEN = Object.freeze({ auth: undefined, response: undefined })

const { checkAuthToken, createCheckAuthToken } = entryOf(
  withProtection,
  (answerTo) =>
    (/** @type {{ readonly method: string }} */ { method }) =>
      responseOf(answerTo(method))
)

/** @param {() => AppProtection} protection */
function withProtection(protection) {
  /**
   * @param {FetchRequest} request
   * @param {unknown} [guards]
   * @param {unknown} [more]
   */
  const checkAuthToken = (request, guards, more = undefined) => {
    // As a framework calls its middleware: with its own request, and more than that. Thrown, because nobody awaits a middleware.
    if (guards !== undefined && typeof request?.headers?.get !== 'function') {
      const { refuse, wrongEntry } = require('../http/misuse')
      return refuse(request, wrongEntry())
    }
    if (isEvent(request)) throw require('../http/misuse').eventAsRequest()
    /** @type {Promise<Result> & { response?: object }} */
    const checking = checked(protection, request, guards, more)
    checking.response = UNAWAITED
    return checking
  }
  /**
   * Wraps a handler, which is called with the request, the verified token, and the remaining arguments.
   *
   * @param {(request: any, auth: VerifiedToken | undefined, ...rest: any[]) => unknown} handler
   * @param {unknown} [guards]
   * @param {unknown[]} more
   */
  const withAuth = (handler, guards, ...more) => {
    if (typeof handler !== 'function') {
      throw callError('withAuth', `expected a function (request, auth) => Response, got ${kindOf(handler)}`)
    }
    const list = requirementsOf(guards)
    if (more.length > 0) assertOneList('withAuth', more)
    return async (/** @type {FetchRequest} */ request, /** @type {any[]} */ ...rest) => {
      const checking = check(protection, request, list)
      const result = isResult(checking) ? checking : await checking
      if (!isVerifiedToken(result.auth) && result !== PASSED_WITHOUT_TOKEN) return result.response
      return handler(request, result.auth, ...rest)
    }
  }
  return Object.assign(checkAuthToken, { withAuth })
}

/**
 * @param {string} called
 * @param {unknown[]} more
 */
function assertOneList(called, more) {
  require('../http/misuse').assertOneArgument(called, more, 'all guards in one array')
}

/**
 * An event of h3, Nitro or Nuxt has the headers of its request. Passed as a hook, `onRequest: checkAuthToken`, the middleware would
 * admit everybody, because h3 does not look at what it returns.
 *
 * @param {any} request
 */
function isEvent(request) {
  const inner = request?.node?.req ?? request?.req
  return inner !== undefined && typeof request.headers?.get === 'function'
}

/** @type {readonly Requirement[]} */
const NONE = []

/** @type {(guard: unknown) => Requirement | undefined} */
let requirementOf

/** A requirement, as `checkAuthToken` and `withAuth` take it. */
class Guard {
  #requirement

  static {
    requirementOf = (guard) =>
      guard !== null && typeof guard === 'object' && #requirement in guard
        ? /** @type {Guard} */ (guard).#requirement
        : undefined
  }

  /** @param {Requirement} requirement */
  constructor(requirement) {
    this.#requirement = requirement
  }
}

/**
 * Loaded only if guards are used.
 *
 * @type {Pick<typeof import('../http/requirements'), 'decide' | 'isUndecided'>}
 */
let requirements

/** @param {Requirement} requirement */
function guard(requirement) {
  requirements = require('../http/requirements')
  return new Guard(requirement)
}

/**
 * The `response` of the promise itself. Without `await`, `response` would be undefined and the request would be
 * admitted. Instead the handler returns this value, and any access to it throws an error that names the mistake.
 */
const UNAWAITED = new Proxy({}, { get: notAwaited, getPrototypeOf: notAwaited, has: notAwaited, ownKeys: notAwaited })

/** @returns {never} */
function notAwaited() {
  throw callError('checkAuthToken', 'its result is a promise: write await checkAuthToken(request)')
}

/**
 * @param {() => AppProtection} configured
 * @param {FetchRequest} request
 * @param {unknown} guards
 * @param {unknown} more
 */
async function checked(configured, request, guards, more) {
  const list = requirementsOf(guards)
  if (more !== undefined) assertOneList('checkAuthToken', [more])
  return check(configured, request, list)
}

/**
 * @param {unknown} guards
 * @returns {readonly Requirement[]}
 */
function requirementsOf(guards) {
  if (guards === undefined) return NONE
  const list = Array.isArray(guards) ? [...guards].map(requirementOf) : [undefined]
  if (list.every((requirement) => requirement !== undefined)) return list
  throw callError(
    'guards',
    "expected an array of guards from entra-jwt-verify/fetch, such as [requireRole('Task.Read')]"
  )
}

/**
 * Whether there is nothing to wait for.
 *
 * @param {Result | PromiseLike<Result>} checking
 * @returns {checking is Result}
 */
function isResult(checking) {
  return Object.hasOwn(checking, 'auth')
}

/**
 * @param {() => AppProtection} configured
 * @param {FetchRequest} request
 * @param {readonly Requirement[]} list
 * @returns {Result | PromiseLike<Result>}
 */
function check(configured, request, list) {
  let protection
  try {
    protection = configured()
  } catch (error) {
    return reject(UNPROTECTED, error, request)
  }
  const verdict = protection.check(authorizationOf(request), request)
  return isPending(verdict)
    ? verdict.verdict.then((ended) => finish(protection, ended, request, list))
    : finish(protection, verdict, request, list)
}

/**
 * Exceptions from reading the headers belong to the framework: Next.js uses them to mark routes that it cannot
 * prerender.
 *
 * @param {any} request
 */
function authorizationOf(request) {
  const headers = request?.headers
  if (typeof headers?.get !== 'function') {
    throw callError('checkAuthToken', `expected a fetch Request as first argument, got ${kindOf(request)}`)
  }
  return headers.get('authorization')
}

/**
 * @param {AppProtection} protection
 * @param {unknown} verdict
 * @param {FetchRequest} request
 * @param {readonly Requirement[]} list
 * @returns {Result | PromiseLike<Result>}
 */
function finish(protection, verdict, request, list) {
  if (isVerifiedToken(verdict)) return admit(protection, verdict, request, list)
  if (verdict !== ABSENT) return reject(protection, verdict, request)
  return list.length === 0 ? PASSED_WITHOUT_TOKEN : reject(protection, missingTokenError(undefined), request)
}

/**
 * @param {AppProtection} protection
 * @param {VerifiedToken} auth
 * @param {FetchRequest} request
 * @param {readonly Requirement[]} list
 * @param {number} [start] of the requirements that are not decided yet
 * @returns {Result | PromiseLike<Result>}
 */
function admit(protection, auth, request, list, start = 0) {
  for (let index = start; index < list.length; index++) {
    const decision = requirements.decide(/** @type {Requirement} */ (list[index]), auth, 'auth')
    if (requirements.isUndecided(decision)) {
      return decision.decision.then((decided) =>
        decided === MET ? admit(protection, auth, request, list, index + 1) : reject(protection, decided, request)
      )
    }
    if (decision !== MET) return reject(protection, decision, request)
  }
  return { auth, response: undefined }
}

/**
 * @param {AppProtection} protection
 * @param {unknown} verdict
 * @param {FetchRequest} request
 * @returns {Result | PromiseLike<Result>}
 */
function reject(protection, verdict, request) {
  const { error, answer } = protection.reject(verdict)
  if (answer) return { auth: undefined, response: responseOf(answer) }
  if (protection.respond) return respond(protection, error, request)
  throw error
}

/**
 * @param {AppProtection} protection
 * @param {import('../..').AuthError} error
 * @param {FetchRequest} request
 * @returns {Promise<Result>}
 */
async function respond(protection, error, request) {
  const response = await require('../http/application-answer').applicationAnswer(protection, error, request)
  if (response === undefined) throw error
  return { auth: undefined, response }
}

/** @param {Answer} answer */
function responseOf({ status, headers, body }) {
  // A status such as 204 must have no body, not even an empty one.
  return new Response(body === '' ? null : body, /** @type {ResponseInit} */ ({ __proto__: null, status, headers }))
}

module.exports = { checkAuthToken, createCheckAuthToken, guard }
