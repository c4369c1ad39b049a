'use strict'

const { createProtection, environmentProtection } = require('./protection')

/** @import { Options } from '../..' */
/** @import { Answer } from './answers' */
/** @import { AppProtection } from './protection' */

/**
 * The functions of an entry, for one configuration and for that of the environment.
 *
 * @template {object} Check
 * @template Handler
 * @param {(configured: () => AppProtection) => Check} checkWith what the framework calls; asks for its protection with each
 *   request, since the environment may configure none, or not yet
 * @param {(answerTo: (method: unknown) => Answer) => Handler} serve a handler that answers by the method of a request
 */
function entryOf(checkWith, serve) {
  /**
   * @param {Options} [options]
   * @param {unknown[]} more what a framework passes, if this is passed instead of called
   */
  function createCheckAuthToken(options, ...more) {
    const refused = more.length > 0 && require('./misuse').refuseMore(options, more)
    if (refused) return refused
    const protection = createProtection(options)
    const { verifier, metadata } = protection
    const check = checkWith(() => protection)
    return Object.assign(check, { verifier }, metadata && { resourceMetadata: serve(metadata.answerTo) })
  }
  /** What the environment configures, at the first request or when its `verifier` is first asked for. */
  const checkAuthToken = Object.defineProperty(checkWith(environmentProtection), 'verifier', {
    get: () => environmentProtection().verifier
  })
  return { checkAuthToken, createCheckAuthToken }
}

module.exports = { entryOf }
