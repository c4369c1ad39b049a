'use strict'

const { once } = require('node:events')
const http = require('node:http')
const https = require('node:https')
const { text } = require('node:stream/consumers')
const { URLSearchParams } = require('node:url')
const { optionError } = require('./errors')
const { unescapeHtml } = require('./html')

/**
 * Opens a URL of this authority like a browser in which the test user is signed in, and delivers the response to the
 * application: by following a redirect, or by submitting the form.
 *
 * @param {string} url
 * @param {string | undefined} ca that the authority's certificate is from
 */
async function browse(url, ca) {
  const { status, headers, body } = await send(url, { ca })
  if (headers.location !== undefined) {
    // The fragment stays in the browser.
    return void (await send(headers.location, {}))
  }
  const [, action] = /<form method="POST" action="([^"]*)">/.exec(body) ?? []
  if (status !== 200 || action === undefined) {
    const [, title = body] = /<title>([^<]*)/.exec(body) ?? []
    throw optionError(`browse: expected a way back to the application, got ${status}: ${unescapeHtml(title)}`)
  }
  const form = new URLSearchParams()
  for (const [, name = '', value = ''] of body.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)) {
    form.append(unescapeHtml(name), unescapeHtml(value))
  }
  await send(unescapeHtml(action), { form: form.toString() })
}

/**
 * @param {string} url
 * @param {{ ca?: string | undefined, form?: string }} options
 */
async function send(url, { ca, form }) {
  const client = url.startsWith('https:') ? https : http
  const headers = form === undefined ? {} : { 'Content-Type': 'application/x-www-form-urlencoded' }
  const method = form === undefined ? 'GET' : 'POST'
  const request = client.request(url, { method, headers, agent: false, ...(ca !== undefined && { ca }) })
  request.end(form)
  const [response] = /** @type {[http.IncomingMessage]} */ (await once(request, 'response'))
  return { status: response.statusCode, headers: response.headers, body: await text(response) }
}

module.exports = { browse }
