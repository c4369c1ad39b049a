// HTTP as a test wants it: one connection per request, no redirect followed, errors by their code.
import { once } from 'node:events'
import http from 'node:http'
import https from 'node:https'
import { text as readText } from 'node:stream/consumers'

/** Resolves when the headers are there: `{ status, headers, text(), json(), response }`. Rejects with the socket's error. */
export async function request(url, { method = 'GET', headers, body, ca, signal } = {}) {
  const client = url.startsWith('https:') ? https : http
  const outgoing = client.request(url, { method, headers, ca, signal, agent: false })
  outgoing.end(body)
  const [response] = await once(outgoing, 'response')
  const text = () => readText(response)
  return {
    status: response.statusCode,
    headers: response.headers,
    response,
    text,
    json: async () => JSON.parse(await text())
  }
}

export async function getJson(url, options) {
  return (await request(url, options)).json()
}

/** Posts a form; `undefined` values are left out. */
export function postForm(url, parameters, { headers, ...options } = {}) {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined)
  return request(url, {
    ...options,
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams(given).toString()
  })
}

/** The claims of a token, unverified. */
export function claimsOf(token) {
  return JSON.parse(Buffer.from(token.split('.')[1], 'base64url'))
}

export function headerOf(token) {
  return JSON.parse(Buffer.from(token.split('.')[0], 'base64url'))
}
