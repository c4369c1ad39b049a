'use strict'

const native = require('../native')
const { isObserved, publish, publishKeys } = require('./diagnostics')
const {
  authError,
  callError,
  configError,
  internalError,
  isAuthError,
  kindOf,
  optionOf,
  rejectedOf
} = require('./errors')
const { withHint } = require('./environment')
const { jsonOf, secondsOf, textMember } = require('./options')
const {
  DecodedTokens,
  VerifiedToken,
  authorityOf,
  isVerifiedToken,
  verifiedToken,
  verifierOf
} = require('./verified-token')

/** @import { AuthError, Explanation, Finding, Stats, VerifiedToken as PublicVerifiedToken, VerifyOptions } from '../..' */
/** @import { Configuration } from './options' */

// Each file takes a fifth of a millisecond to load: those that few programs need are loaded when they do.
const explanations = () => require('./explain')
const statistics = () => require('./stats')
const roots = () => require('./root-certificates')
const texts = () => require('./text')

const { AUTHORITIES, REMEMBERED, VERIFIED, WAIT } = native

/** Beside the core's statuses: the core was not asked. */
const NO_STRING = -1

/** In place of a verdict: a signing key is being fetched. */
const PENDING = Symbol('pending')

/** What to do about a whole header in place of the token in it. */
const HEADER_AS_TOKEN =
  'pass the token alone, without the word Bearer in front of it; or pass the request to verifier.authenticate(request)'

/** Proof that a constructor is called from inside. */
const INTERNAL = Symbol('internal')

/** @type {(verifier: TokenVerifier, token: string) => PublicVerifiedToken | AuthError | Pending} */
let check

/**
 * Who issues tokens.
 *
 * @typedef {object} Identity
 * @property {string} authority that clients get tokens from, as a URL
 * @property {string | undefined} appIdUri what they put before the name of a scope, where the tokens are Entra's
 * @property {readonly unknown[] | undefined} audiences accepted ones, where they are not the default
 */

/** @type {(verifier: object) => readonly Identity[]} */
let identitiesOf

/** @type {(auth: PublicVerifiedToken) => Identity} */
let identityOf

/**
 * The finding for the token of an error, with the cached keys: nothing is fetched.
 *
 * @type {(error: AuthError) => Pick<Finding, 'name' | 'message' | 'hint'> | undefined}
 */
let findingOf

/** @type {(verifier: TokenVerifier) => boolean} */
let isMtls

/** @type {(value: unknown) => value is Pending} */
let isPending

/** A verdict that waits for a signing key. */
class Pending {
  #verdict

  static {
    isPending = /** @type {typeof isPending} */ (
      (value) => value !== null && typeof value === 'object' && #verdict in value
    )
  }

  /** @param {Promise<PublicVerifiedToken | AuthError>} verdict never rejects */
  constructor(verdict) {
    this.#verdict = verdict
  }

  get verdict() {
    return this.#verdict
  }
}

/** Verifies tokens against one configuration. */
class TokenVerifier {
  #core
  #check
  #decoded
  #isMtls
  #identities
  #hints
  #TokenClass
  /** @type {Map<number | undefined, Promise<void>>} */
  #fetches = new Map()

  static {
    identitiesOf = (verifier) => /** @type {TokenVerifier} */ (verifier).#identities
    identityOf = (auth) => /** @type {Identity} */ (identitiesOf(verifierOf(auth))[authorityOf(auth)])
    isMtls = (verifier) => verifier.#isMtls
    findingOf = (error) => {
      const rejected = rejectedOf(error)
      return rejected && /** @type {TokenVerifier} */ (rejected.verifier).#finding(error.code, rejected)
    }
    check = (verifier, token) => {
      const verdict = verifier.#verdictNow(token, undefined)
      return verdict === PENDING ? new Pending(verifier.#verdictLater(token, undefined)) : verdict
    }
  }

  /**
   * @param {symbol} proof
   * @param {import('../../native').NativeVerifier} core
   * @param {Pick<Configuration, 'authorities' | 'boundTokens' | 'hints'>} configuration
   * @param {typeof VerifiedToken} [TokenClass] of the tokens that it verifies
   */
  constructor(proof, core, configuration, TokenClass = VerifiedToken) {
    if (proof !== INTERNAL) throw configError('options', 'create a verifier with createVerifier(options)')
    const { authorities, boundTokens, hints } = configuration
    this.#hints = hints
    this.#TokenClass = TokenClass
    this.#core = core
    this.#check = core.checker()
    this.#decoded = new DecodedTokens((token, authority) => core.caller(token, authority))
    this.#isMtls = boundTokens === 'mtls'
    this.#identities = core.authorities.map(({ authority, appIdUri }, at) => {
      const named = authorities[at]
      return { authority: shownAuthority(named?.authority) ?? authority, appIdUri, audiences: named?.audiences }
    })
  }

  /**
   * @param {string} token
   * @param {VerifyOptions} [options]
   */
  async verify(token, options) {
    const now = secondsOf(options)
    let verdict = this.#verdictNow(token, now)
    if (verdict === PENDING) verdict = await this.#verdictLater(token, now)
    return tokenOrThrow(this.#unboundOnly(verdict))
  }

  /**
   * @param {string} token
   * @param {VerifyOptions} [options]
   */
  verifySync(token, options) {
    const verdict = this.#verdictNow(token, secondsOf(options))
    return tokenOrThrow(this.#unboundOnly(verdict === PENDING ? this.#rejectPending() : verdict))
  }

  /**
   * @param {string} token
   * @param {VerifyOptions} [options]
   * @returns {Promise<Explanation>}
   */
  async explain(token, options) {
    if (typeof token !== 'string') throw malformedError()
    const explanation = await explanations().explain(
      this.#core,
      () => this.#waitForFetch(),
      token,
      secondsOf(options),
      secondsSince1970,
      this.#hints,
      this.#identities
    )
    return this.#isMtls ? require('./bound-token').explainedAlone(explanation) : explanation
  }

  async preload() {
    let status = this.#core.demand()
    if (status === WAIT) {
      await this.#waitForFetch()
      status = this.#core.outcome()
    }
    // Before a subscriber can call this verifier again.
    const error = status === VERIFIED ? undefined : this.#error(this.#core.failure())
    publishKeys(this.#core)
    if (error) throw error
  }

  /** The cached signing keys, for the option `initialKeys` of a later process. */
  exportKeys() {
    return JSON.parse(this.#core.exportKeys())
  }

  /**
   * @param {{ readonly keys: readonly object[] }} jwks
   * @param {{ readonly authority?: string }} [options] whose keys they are
   */
  updateKeys(jwks, options) {
    if (typeof jwks !== 'object' || jwks === null) {
      throw callError('updateKeys', `expected a key set { keys: [...] }, got ${kindOf(jwks)}`)
    }
    const failure = this.#core.updateKeys(jsonOf('updateKeys', jwks), this.#namedAuthority(options))
    if (failure) throw this.#error(failure)
    publishKeys(this.#core)
  }

  /**
   * The URL by which the core knows an authority: that of `stats()`, or the option `authority` as it was given.
   *
   * @param {unknown} options of `updateKeys`
   */
  #namedAuthority(options) {
    const name = textMember(options, 'authority')
    const at = this.#identities.findIndex(({ authority }) => authority === name)
    return at === -1 ? name : this.#core.authorities[at]?.authority
  }

  /**
   * Without a request there is no connection whose certificate a bound token could be compared with.
   *
   * @param {unknown} verdict
   */
  #unboundOnly(verdict) {
    return this.#isMtls ? require('./bound-token').unlessBound(verdict) : verdict
  }

  /** @returns {Stats} */
  stats() {
    return statistics().statsOf(this.#core, this.#identities)
  }

  /**
   * The verdict, if no key has to be fetched for it. Never throws.
   *
   * @param {unknown} token
   * @param {number | undefined} now
   */
  #verdictNow(token, now) {
    try {
      const status = this.#status(token, now)
      return status === WAIT ? PENDING : this.#verdict(status, token, false)
    } catch (cause) {
      return internalError(cause)
    }
  }

  /**
   * The verdict after `PENDING`. This verifier must not be called in between: tickets and source are those of the call
   * that returned `WAIT`. Never rejects.
   *
   * @param {unknown} token
   * @param {number | undefined} now
   */
  async #verdictLater(token, now) {
    try {
      let status
      do {
        const { tickets, source } = this.#core
        await this.#waitForFetch(source)
        status = this.#core.checkAgain(token, now ?? secondsSince1970(), tickets)
      } while (status === WAIT)
      return this.#verdict(status, token, true)
    } catch (cause) {
      return internalError(cause)
    }
  }

  /**
   * @param {unknown} token
   * @param {number | undefined} now
   */
  #status(token, now) {
    if (typeof token !== 'string') return NO_STRING
    return now === undefined ? this.#check(token, secondsSince1970()) : this.#core.checkAgain(token, now)
  }

  /**
   * A verified token only for the statuses that mean verified; an error for any other value.
   *
   * @param {number} status
   * @param {any} token a string, if it is verified
   * @param {boolean} waited
   */
  #verdict(status, token, waited) {
    const number = status >= REMEMBERED ? status : undefined
    const verdict =
      status >= VERIFIED
        ? verifiedToken(token, this, this.#decoded, number, status % AUTHORITIES, this.#TokenClass)
        : this.#rejection(status, token)
    if (isObserved()) publish(this.#core, isAuthError(verdict) ? verdict : undefined, waited)
    return verdict
  }

  /**
   * @param {number} status
   * @param {string} token
   */
  #rejection(status, token) {
    if (status === NO_STRING) return malformedError()
    const failure = this.#core.failure()
    return this.#error(isHeader(failure, token) ? { ...failure, hint: HEADER_AS_TOKEN } : failure, token)
  }

  /**
   * The core's error, with a hint that names the variables which configured this verifier.
   *
   * @param {import('../../native').Failure} failure
   * @param {string} [token]
   */
  #error(failure, token) {
    return authError(withHint(failure, this.#hints), token === undefined ? undefined : { verifier: this, token })
  }

  /**
   * @param {string} code
   * @param {import('./errors').Rejected} rejected
   */
  #finding(code, { token, requirement }) {
    const ofCore = this.#core.cause(token, secondsSince1970(), code, requirement)
    const finding = ofCore ?? (code === 'ERR_TOKEN_MALFORMED' ? texts().textFinding(token) : undefined)
    return finding && withHint(finding, this.#hints)
  }

  /** For `verifySync`, which does not wait. A fetch that is due is started nevertheless. */
  #rejectPending() {
    this.#handOverRoots()
    const error = authError({
      code: 'ERR_KEYS_UNAVAILABLE',
      message: 'signing keys unavailable: they are being fetched',
      hint: 'call preload() when the process starts, or use verify(): verifySync cannot wait',
      reason: 'pending',
      retryAfter: 1
    })
    if (isObserved()) publish(this.#core, error, false)
    return error
  }

  /**
   * Resolves when the fetch of a source (without an argument, of all) has ended; all waiting requests share the
   * promise.
   *
   * @param {number} [source]
   */
  #waitForFetch(source) {
    this.#handOverRoots()
    let ended = this.#fetches.get(source)
    if (ended === undefined) {
      ended = this.#fetchEnded(source)
      this.#fetches.set(source, ended)
    }
    return ended
  }

  /** @param {number | undefined} source */
  async #fetchEnded(source) {
    try {
      await this.#core.settled(source)
    } finally {
      this.#fetches.delete(source)
    }
  }

  /** Before the first fetch of the process, the core has to be told which certificates Node trusts. */
  #handOverRoots() {
    if (this.#core.needsRoots()) this.#core.trust(roots().rootCertificates())
  }
}

/**
 * Whether a text that is no token is a whole header with one.
 *
 * @param {{ code: string }} failure
 * @param {string} token
 */
function isHeader({ code }, token) {
  return code === 'ERR_TOKEN_MALFORMED' && /^bearer\s/i.test(token)
}

/**
 * Returns the verdict if it is a verified token; throws any other value.
 *
 * @param {unknown} verdict
 * @returns {PublicVerifiedToken}
 */
function tokenOrThrow(verdict) {
  if (isVerifiedToken(verdict)) return verdict
  throw isAuthError(verdict) ? verdict : internalError(verdict)
}

/**
 * The option `authority` as it was given, unless it is a URL of something else that names one: clients compare the text.
 *
 * @param {unknown} authority
 */
function shownAuthority(authority) {
  return typeof authority !== 'string' || /\?|\/\.well-known\//.test(authority) ? undefined : authority
}

/** By the clock that the application sees, which its tests may have replaced. What is no time is none to the core either. */
function secondsSince1970() {
  try {
    const milliseconds = Date.now()
    // A string would be converted to a number.
    return typeof milliseconds === 'number' ? milliseconds / 1000 : Number.NaN
  } catch {
    return Number.NaN
  }
}

function malformedError() {
  return authError({ code: 'ERR_TOKEN_MALFORMED', message: 'jwt malformed', hint: 'the token must be a string' })
}

/**
 * The compiled core of a configuration.
 *
 * @param {Configuration} configuration
 */
function compileCore({ core, noProxy, authorities, variables, hints, warning, ignored, isExamined = false }) {
  if (warning && !isExamined) require('./warning').warnOnce('ENTRA_JWT_VERIFY_CLIENT_ID', warning)
  for (const { text, advice } of isExamined ? [] : ignored) {
    const sentence = `${advice.charAt(0).toUpperCase()}${advice.slice(1)}`
    require('./warning').warnOnce('ENTRA_JWT_VERIFY_VARIABLE', `${text}. ${sentence}.`)
  }
  const compiled = native.compile(core, noProxy)
  if (compiled instanceof native.NativeVerifier) {
    if (!isExamined) warnOfServices(compiled, authorities, variables)
    return compiled
  }
  // Told with the variable that the wrong option was read from.
  const { option, problem } = optionOf(compiled)
  const variable = variables[option]
  if (variable !== undefined) throw fromVariable(compiled, option, problem, variable, hints)
  const meant = ignored.find((each) => each.option === option)
  if (meant !== undefined) throw authError({ ...compiled, hint: `${meant.hint}; ${meant.text}` })
  const order = isMissing(option, core) ? REQUIRED[option] : undefined
  throw authError(
    withHint(order === undefined ? compiled : { ...compiled, hint: `${order}; see docs/options.md` }, hints)
  )
}

/**
 * Warns if a service of Microsoft's is an accepted audience: `explain` and `doctor` report that too.
 *
 * @param {import('../../native').NativeVerifier} compiled
 * @param {Configuration['authorities']} authorities
 * @param {Configuration['variables']} variables
 */
function warnOfServices(compiled, authorities, variables) {
  for (const [at, { audiences, clientId }] of authorities.entries()) {
    const option = audiences === undefined ? 'clientId' : 'audience'
    for (const audience of audiences ?? [clientId]) {
      const service = typeof audience === 'string' ? native.microsoftService(audience) : null
      // Another issuer than Entra may write anything into `aud`: there is no App ID URI then.
      if (service === null || compiled.authorities[at]?.appIdUri === undefined) continue
      const name = variables[option] ?? `option ${option}`
      const right = option === 'audience' ? 'the App ID URI or the client id' : 'the client id'
      require('./warning').warnOnce(
        'ENTRA_JWT_VERIFY_AUDIENCE',
        `${name}: tokens for ${service} are accepted, so everyone who gets a token for that service could call this API. ` +
          `Set it to ${right} of this API.`
      )
    }
  }
}

/**
 * The core's error, with the variable that the wrong option was read from.
 *
 * @param {import('../../native').Failure} failure
 * @param {string} option
 * @param {string} problem
 * @param {string} variable
 * @param {Configuration['hints']} hints
 */
function fromVariable(failure, option, problem, variable, hints) {
  const hint = failure.hint.replace(`correct the option ${option};`, `correct ${variable};`)
  return authError(withHint({ ...failure, message: `option ${option}: from ${variable}: ${problem}`, hint }, hints))
}

/**
 * What to set where nothing names the tenant or the API: there is nothing to correct.
 *
 * @type {Record<string, string>}
 */
const REQUIRED = {
  tenantId: 'set ENTRA_TENANT_ID (option tenantId)',
  audience: 'set ENTRA_CLIENT_ID (option clientId) or ENTRA_AUDIENCE (option audience)'
}

/**
 * @param {string} option
 * @param {string} core options as JSON
 */
function isMissing(option, core) {
  const { [option]: value, authorities } = JSON.parse(core)
  // Of several authorities, another one may have the option.
  return value === undefined && authorities === undefined
}

module.exports = {
  INTERNAL,
  Pending,
  TokenVerifier,
  check,
  compileCore,
  findingOf,
  identitiesOf,
  identityOf,
  isHeader,
  isMtls,
  isPending,
  tokenOrThrow
}
