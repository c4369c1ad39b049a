'use strict'

/**
 * An answer is a value until the very end, `{ status, headers, body }`, so that a fault can change it before it is sent.
 * `exchange.traceId` is what Entra calls the request id.
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

/** Metadata and keys: cacheable for a day, readable by browsers. No Strict-Transport-Security: it would stick to localhost. */
function publicJsonAnswer(exchange, content) {
  return jsonAnswer(exchange, 200, content, {
    'Cache-Control': 'max-age=86400, private',
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Allow-Methods': 'GET, OPTIONS'
  })
}

function htmlAnswer(exchange, status, text, headers) {
  return {
    status,
    headers: { ...headers, 'Content-Type': 'text/html; charset=utf-8', ...traceHeaders(exchange) },
    body: `<!DOCTYPE html><html><head><title>${text}</title></head><body><h2>${text}</h2></body></html>`
  }
}

function send(response, { status, headers, body }) {
  response.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(body) })
  response.end(body)
}

function traceHeaders({ traceId, correlationId, request }) {
  return {
    'x-ms-request-id': traceId,
    'x-ms-ests-server': 'entra-jwt-verify test authority',
    ...(request.headers['return-client-request-id'] === 'true' && { 'client-request-id': correlationId })
  }
}

module.exports = { jsonAnswer, publicJsonAnswer, htmlAnswer, send }
