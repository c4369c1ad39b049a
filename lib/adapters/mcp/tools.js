'use strict'

const { callError, kindOf } = require('../../core/errors')
const { guarded, isPlainObject, ownMembers } = require('../../core/options')
const { continuing } = require('./continuing')

/** @import { ServerResponse } from 'node:http' */
/** @import { RequestHandler } from '../../..' */
/** @import { Request } from '../mcp' */

/** Of the documentation, for errors. */
const PAGE = 'docs/mcp.md'

/** The type that `express.json()` parses, without parameters that a parser may not understand. */
const JSON_TYPE = /^application\/json\s*(?:;\s*charset\s*=\s*"?[\w-]+"?\s*)?$/i

/** As the SDK's transport answers. */
const INVALID_REQUEST = '{"jsonrpc":"2.0","error":{"code":-32600,"message":"Invalid Request"},"id":null}'
const UNSUPPORTED_TYPE =
  '{"jsonrpc":"2.0","error":{"code":-32000,"message":"Unsupported Media Type: Content-Type must be application/json"},"id":null}'

/** @type {(problem: string) => import('../../..').AuthError} */
const toolsError = (problem) => callError('guardTools', problem, PAGE)

/**
 * Guards for single tools, in front of the transport: a client without the scope has to get a 403 with a challenge,
 * which a running tool can no longer send.
 *
 * @param {Record<string, RequestHandler>} guards by the names of tools
 * @returns {RequestHandler}
 */
function guardTools(guards) {
  const byName = guarded('guardTools', () => {
    if (!isPlainObject(guards)) throw toolsError(`expected { tool: guard }, got ${kindOf(guards)}`)
    return new Map(ownMembers(guards, 'guardTools'))
  })
  for (const [name, guard] of byName) {
    if (typeof guard !== 'function') throw toolsError(`expected a guard for ${name}, got ${kindOf(guard)}`)
  }
  if (byName.size === 0) throw toolsError('expected a guard for at least one tool')

  return (/** @type {Request} */ req, res, next) => {
    if (typeof next !== 'function') return require('../../http/misuse').refuseGuard(req, res)
    if (req.method !== 'POST') return next()
    if (req.body === undefined) return unparsed(req, res)
    const messages = messagesIn(req.body)
    if (messages === undefined) return answer(res, 400, INVALID_REQUEST)
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
  return messages.length > 0 && messages.every(isMessage) ? messages : undefined
}

/**
 * A response has no method. As the key of an object, `['delete']` is the same as `'delete'`.
 *
 * @param {any} message
 */
function isMessage(message) {
  if (message?.jsonrpc !== '2.0') return false
  const { method, params } = message
  return method === 'tools/call' ? typeof params?.name === 'string' : method === undefined || typeof method === 'string'
}

/**
 * A body that no parser took: the client's mistake if it is missing or of another type, otherwise the application's.
 *
 * @param {Request} req
 * @param {ServerResponse} res
 */
function unparsed({ headers }, res) {
  if (headers['transfer-encoding'] === undefined && headers['content-length'] === undefined) {
    return answer(res, 400, INVALID_REQUEST)
  }
  if (!JSON_TYPE.test(headers['content-type'] ?? '')) return answer(res, 415, UNSUPPORTED_TYPE)
  throw toolsError('expected the body to be parsed: mount express.json() in front of it')
}

/**
 * @param {ServerResponse} res
 * @param {number} status
 * @param {string} body
 */
function answer(res, status, body) {
  res.statusCode = status
  res.setHeader('Content-Type', 'application/json')
  res.end(body)
}

module.exports = { guardTools }
