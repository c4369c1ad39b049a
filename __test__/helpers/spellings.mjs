// Other spellings of a path, and requests that send them as they are: `fetch` would normalise them.
import { once } from 'node:events'
import { request } from 'node:http'

/** Spellings that a router or a file server may take for the same path. */
export function spellingsOf(path) {
  const [first, ...others] = path.slice(1)
  const rest = others.join('')
  return [
    path.toUpperCase(),
    `${path}/`,
    `/${path}`,
    `/.${path}`,
    `/x/..${path}`,
    `/%${first.charCodeAt(0).toString(16)}${rest}`,
    `/${first}${rest.replaceAll('/', '%2F')}`
  ]
}

/** Sends a request for a path as it is written; resolves to the status and the body. */
export async function sendSpelling(url, path, authorization, method = 'GET') {
  const { hostname, port } = new URL(url)
  const headers = authorization === undefined ? {} : { authorization }
  const sent = request({ hostname, port, method, path, headers, agent: false })
  sent.end()
  const [response] = await once(sent, 'response')
  const parts = []
  for await (const part of response) parts.push(part)
  return { status: response.statusCode, body: Buffer.concat(parts).toString() }
}
