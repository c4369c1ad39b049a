'use strict'

// Those who call a middleware: what they pass, what becomes of its connection, and what they do with errors and a promise.

const { toString: sourceOf } = Function.prototype

/** Names of a promise's `resolve`, and of one that is bound. */
const RESOLVES = ['', 'bound ']

const NATIVE = /\{\s*\[native code\]\s*\}$/

/**
 * Whether a `next` does something else with an error than without. One without a parameter does not. The function that resolves a
 * promise has a parameter, and goes on to the handler with whatever it is given:
 * `await new Promise((resolve) => checkAuthToken(req, res, resolve))`.
 *
 * @param {((error?: unknown) => void) | undefined} next
 */
function takesError(next) {
  if (typeof next !== 'function' || next.length === 0) return false
  return !(RESOLVES.includes(next.name) && NATIVE.test(sourceOf.call(next)))
}

/**
 * Whether it is a response of node:http: what another framework passes instead, such as Koa, Hono and Fastify, lacks one of these.
 *
 * @param {any} given
 */
function isResponse(given) {
  try {
    return typeof given?.setHeader === 'function' && typeof given.end === 'function'
  } catch {
    // A member of a response that cannot be read is a problem of its own.
    return true
  }
}

/**
 * Whether a framework passes its instance, as Fastify does to a plug-in.
 *
 * @param {any} given
 */
function isPlugin(given) {
  return typeof given?.register === 'function'
}

/**
 * Whether express-ws calls what stands on a route: with a WebSocket and the request, in place of the request and its response.
 *
 * @param {any} given
 * @param {any} second
 */
function isWebSocket(given, second) {
  return typeof given?.terminate === 'function' && typeof given.close === 'function' && second?.headers !== undefined
}

/**
 * Ends the connection of a rejected upgrade after its response, also if that is still to come. Nobody reads from it, so that it would not
 * notice when the client is gone, and no server knows it any more. A response that was made for an upgrade, and not for its connection, is
 * sent to nobody.
 *
 * @param {any} request of node:http
 * @param {any} answering its response, to which nothing is written here
 */
function endUpgrade(request, answering) {
  if (!request.upgrade || !isResponse(answering)) return
  const end = () => {
    // An error handler may have accepted it.
    if (answering.statusCode !== 101) request.socket?.destroySoon?.()
  }
  const isSentToNobody = answering.socket === null && (answering.headersSent || answering.writableEnded)
  if (isSentToNobody || answering.writableFinished) end()
  else answering.once?.('finish', end)
}

/** The engine's own class, even if the global of this name was replaced. */
const NativePromise =
  /** @type {new (executor: (resolve: (value: void | PromiseLike<void>) => void, reject: (error: unknown) => void) => void) => Promise<void>} */ (
    (async () => {})().constructor
  )

/** A promise that detects whether it is awaited. */
class Outcome extends NativePromise {
  #isAwaited = false
  /** @type {(() => void) | undefined} */
  #whenAwaited

  get isAwaited() {
    return this.#isAwaited
  }

  static get [Symbol.species]() {
    return NativePromise
  }

  /**
   * @param {any} [onFulfilled]
   * @param {any} [onRejected]
   * @returns {Promise<any>}
   */
  // biome-ignore lint/suspicious/noThenProperty: a promise has one.
  then(onFulfilled, onRejected) {
    this.#isAwaited = true
    this.#whenAwaited?.()
    return super.then(onFulfilled, onRejected)
  }

  /** @param {() => void} handle called as soon as something awaits the promise */
  whenAwaited(handle) {
    this.#whenAwaited = handle
  }

  /**
   * Handles the rejection of a promise that nothing awaits.
   *
   * @param {(error: unknown) => void} handle
   */
  orElse(handle) {
    super.then(undefined, (/** @type {unknown} */ error) => {
      if (!this.#isAwaited) handle(error)
    })
    return this
  }
}

module.exports = { NativePromise, Outcome, endUpgrade, isPlugin, isResponse, isWebSocket, takesError }
