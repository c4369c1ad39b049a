'use strict'

const { randomBytes, timingSafeEqual } = require('node:crypto')
const { createServer } = require('node:http')
const { explanationFor } = require('./answers')
const { readPage } = require('./page')
const { doctor } = require('../../doctor/index')
const { printable } = require('../output')
const { messageOf } = require('../../thrown')

/** @import { IncomingMessage, ServerResponse } from 'node:http' */
/** @import { Options } from '../../..' */

const HOST = '127.0.0.1'

/** Bytes of the longest text that is taken. */
const MAX_BYTES = 16_777_216

/** Milliseconds without a request after which the server ends. */
const IDLE = 15 * 60_000

/**
 * A page on loopback for one person. Requests without its secret address or from a page of another origin get nothing, and the
 * browser caches nothing of it.
 *
 * @param {Options} options
 * @param {{ idle?: number }} [settings]
 * @returns {Promise<{ url: string, ended: Promise<void>, close: () => void }>} `ended` resolves when it was idle too long
 */
async function startPage(options, { idle = IDLE } = {}) {
  const secret = randomBytes(24).toString('base64url')
  const page = readPage()
  /** @type {() => void} */
  let close = () => {}
  const timer = setTimeout(() => close(), idle)
  const server = createServer((request, response) => {
    timer.refresh()
    answer(request, response, { secret, page, options, origin: originOf(server) }).catch((error) => {
      // A defect of ours, or a browser that went away.
      if (!response.headersSent) send(response, 500, 'text/plain', messageOf(error))
      else response.destroy()
    })
  })
  /** @type {Promise<void>} */
  const ended = new Promise((resolve) => server.on('close', resolve))
  close = () => {
    clearTimeout(timer)
    server.close()
    server.closeAllConnections()
  }
  await new Promise((resolve, reject) => {
    server.on('error', reject)
    server.listen(0, HOST, () => resolve(undefined))
  })
  return { url: `${originOf(server)}/${secret}/`, ended, close }
}

/** @param {import('node:http').Server} server */
function originOf(server) {
  const address = server.address()
  return `http://${HOST}:${address !== null && typeof address === 'object' ? address.port : 0}`
}

/** @typedef {{ secret: string, page: ReturnType<typeof readPage>, options: Options, origin: string }} Context */

/**
 * @param {IncomingMessage} request
 * @param {ServerResponse} response
 * @param {Context} context
 */
async function answer(request, response, { secret, page, options, origin }) {
  const { method, url = '', headers } = request
  // A name that leads here (DNS rebinding) is another host; a page of another origin sends its own.
  if (headers.host !== origin.slice('http://'.length)) return send(response, 421, 'text/plain', 'another host')
  const [, given = '', path = ''] = url.split('/')
  if (!isSame(given, secret)) return send(response, 404, 'text/plain', 'not found')
  if (path === '') {
    if (method !== 'GET') return send(response, 405, 'text/plain', 'GET only', { Allow: 'GET' })
    return send(response, 200, 'text/html; charset=utf-8', page.body, { 'Content-Security-Policy': page.policy })
  }
  if (path !== 'explain' && path !== 'doctor') return send(response, 404, 'text/plain', 'not found')
  if (method !== 'POST') return send(response, 405, 'text/plain', 'POST only', { Allow: 'POST' })
  if (headers.origin !== origin) return send(response, 403, 'text/plain', 'another origin')
  if (headers['content-type'] !== 'application/json') return send(response, 415, 'text/plain', 'JSON only')
  const text = await textOf(request)
  if (text === undefined) return send(response, 413, 'text/plain', 'too long')
  if (path === 'doctor') return examine(response, options)
  send(response, 200, 'application/json', JSON.stringify(await explanationFor(text, options)))
}

/**
 * Sends each step of doctor as it ends, a line of JSON each, and the report as the last one.
 *
 * @param {ServerResponse} response
 * @param {Options} options
 */
async function examine(response, options) {
  response.writeHead(200, { ...COMMON, 'Content-Type': 'application/x-ndjson' })
  const report = await doctor(options, (step) => response.write(`${JSON.stringify({ step })}\n`))
  response.end(`${JSON.stringify({ report })}\n`)
}

/**
 * @param {string} given
 * @param {string} secret
 */
function isSame(given, secret) {
  const [one, other] = [Buffer.from(given), Buffer.from(secret)]
  return one.length === other.length && timingSafeEqual(one, other)
}

/**
 * The text in the body, `{ "text": … }`; `undefined` where it is too long or something else.
 *
 * @param {IncomingMessage} request
 */
async function textOf(request) {
  const chunks = []
  let length = 0
  for await (const chunk of request) {
    length += chunk.length
    if (length > MAX_BYTES) return undefined
    chunks.push(chunk)
  }
  try {
    const { text } = JSON.parse(Buffer.concat(chunks).toString())
    return typeof text === 'string' ? text : undefined
  } catch {
    return undefined
  }
}

/** What goes with every answer: nothing is kept, nothing is guessed, no other page may use it. */
const COMMON = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Frame-Options': 'DENY'
}

/**
 * @param {ServerResponse} response
 * @param {number} status
 * @param {string} type
 * @param {string} body
 * @param {Record<string, string>} [headers]
 */
function send(response, status, type, body, headers = {}) {
  response.writeHead(status, { ...COMMON, 'Content-Type': type, ...headers })
  response.end(type === 'text/plain' ? `${printable(body)}\n` : body)
}

module.exports = { startPage }
