'use strict'

const { escapeHtml } = require('./html')

/**
 * A response is a value until it is sent, so that a fault can change it.
 *
 * @typedef {{ status: number, headers: Record<string, string>, body: string }} Answer
 */

/**
 * A request, and what is needed to answer it. `traceId` is Entra's request id; `later` calls a function after that many
 * milliseconds, unless the authority has stopped.
 *
 * @typedef {object} Exchange
 * @property {import('node:http').IncomingMessage} request
 * @property {import('node:http').ServerResponse} response
 * @property {string} path
 * @property {URLSearchParams} query
 * @property {import('./authority').Directory} directory
 * @property {string} traceId
 * @property {string} correlationId
 * @property {(milliseconds: number, action: () => void) => void} later
 */

/**
 * @param {Exchange} exchange
 * @param {number} status
 * @param {object} content
 * @param {Record<string, string>} headers
 * @returns {Answer}
 */
function jsonAnswer(exchange, status, content, headers) {
  return {
    status,
    headers: {
      ...headers,
      'Content-Type': 'application/json; charset=utf-8',
      'X-Content-Type-Options': 'nosniff',
      ...traceHeaders(exchange)
    },
    body: JSON.stringify(content)
  }
}

/**
 * Metadata and keys: cacheable for a day, readable by browsers. No Strict-Transport-Security: it would stick to localhost.
 *
 * @param {Exchange} exchange
 * @param {object} content
 */
function publicJsonAnswer(exchange, content) {
  return jsonAnswer(exchange, 200, content, {
    'Cache-Control': 'max-age=86400, private',
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Allow-Methods': 'GET, OPTIONS'
  })
}

/**
 * @param {Exchange} exchange
 * @param {number} status
 * @param {string} text
 * @param {Record<string, string>} [headers]
 * @returns {Answer}
 */
function htmlAnswer(exchange, status, text, headers) {
  return {
    status,
    headers: { ...headers, 'Content-Type': 'text/html; charset=utf-8', ...traceHeaders(exchange) },
    body: `<!DOCTYPE html><html><head><title>${escapeHtml(text)}</title></head><body><h2>${escapeHtml(text)}</h2></body></html>`
  }
}

/**
 * @param {import('node:http').ServerResponse} response
 * @param {Omit<Answer, 'body'> & { body: string | Buffer }} answer
 */
function send(response, { status, headers, body }) {
  response.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body) })
  response.end(body)
}

/** @param {Exchange} exchange */
function traceHeaders({ traceId, correlationId, request }) {
  return {
    'x-ms-request-id': traceId,
    'x-ms-ests-server': 'entra-jwt-verify test authority',
    ...(request.headers['return-client-request-id'] === 'true' && { 'client-request-id': correlationId })
  }
}

module.exports = { jsonAnswer, publicJsonAnswer, htmlAnswer, send }
