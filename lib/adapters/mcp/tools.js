'use strict'

const { callError, kindOf } = require('../../core/errors')
const { guarded, isPlainObject, ownMembers } = require('../../core/options')
const { continuing } = require('./continuing')

/** @import { RequestHandler } from '../../..' */
/** @import { Request } from '../mcp' */

const INVALID_REQUEST = '{"jsonrpc":"2.0","error":{"code":-32600,"message":"Invalid Request"},"id":null}'

/**
 * Guards for single tools, in front of the transport: a client without the scope has to get a 403 with a challenge,
 * which a running tool can no longer send.
 *
 * @param {Record<string, RequestHandler>} guards by the names of tools
 * @returns {RequestHandler}
 */
function guardTools(guards) {
  const byName = guarded('guardTools', () => {
    if (!isPlainObject(guards)) throw callError('guardTools', `expected { tool: guard }, got ${kindOf(guards)}`)
    return new Map(ownMembers(guards, 'guardTools'))
  })
  for (const [name, guard] of byName) {
    if (typeof guard !== 'function') throw callError('guardTools', `expected a guard for ${name}, got ${kindOf(guard)}`)
  }
  if (byName.size === 0) throw callError('guardTools', 'expected a guard for at least one tool')

  return (/** @type {Request} */ req, res, next) => {
    if (req.method !== 'POST') return next()
    if (req.body === undefined) {
      throw callError('guardTools', 'expected the body to be parsed: mount express.json() in front of it')
    }
    const messages = messagesIn(req.body)
    if (messages === undefined) return invalid(res)
    const names = new Set(messages.filter(({ method }) => method === 'tools/call').map(({ params }) => params?.name))
    const wanted = /** @type {RequestHandler[]} */ ([...names].map((name) => byName.get(name)).filter(Boolean))
    const run = (/** @type {number} */ index) => {
      const guard = wanted[index]
      return guard === undefined
        ? next()
        : guard(
            req,
            res,
            continuing(next, () => run(index + 1))
          )
    }
    return run(0)
  }
}

/**
 * The messages in a body: one, or a batch, as in protocol versions up to 2025-03-26. `undefined` for anything else,
 * which the transport might interpret differently.
 *
 * @param {unknown} body
 * @returns {any[] | undefined}
 */
function messagesIn(body) {
  const messages = [body].flat()
  const isMessage = (/** @type {any} */ message) => message?.jsonrpc === '2.0'
  return messages.length > 0 && messages.every(isMessage) ? messages : undefined
}

/** @param {import('node:http').ServerResponse} res */
function invalid(res) {
  res.statusCode = 400
  res.setHeader('Content-Type', 'application/json')
  res.end(INVALID_REQUEST)
}

module.exports = { guardTools }
