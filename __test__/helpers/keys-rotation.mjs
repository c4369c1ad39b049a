// Load over real connections while the authority exchanges its signing key again and again, as __test__/soak/rotation.mjs
// runs it for a minute and the tests for seconds.
import { once } from 'node:events'
import http from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { createCheckAuthToken } from 'entra-jwt-verify'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import { fetches, namingUnknownKey, optionsFor } from './keys-setup.mjs'

/** Good tokens of each key, so that signing is not what is measured. */
const TOKENS = 8

/**
 * Good tokens through a middleware with default options, on this many connections, while a new key signs `every` so many
 * milliseconds. `junk`: milliseconds after which a token with a made-up kid comes, again and again.
 */
export async function rotateUnderLoad({ seconds, every, connections, junk }) {
  const authority = await startTestAuthority({ quiet: true })
  const protect = createCheckAuthToken(optionsFor(authority, { responses: 'rfc6750', logger: false }))
  const server = http.createServer((request, response) => protect(request, response, () => response.end('ok')))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const agent = new http.Agent({ keepAlive: true, maxSockets: connections + 1 })
  const target = { port: server.address().port, host: '127.0.0.1', agent }
  try {
    // Generated beforehand: it is the moment in which a key signs that counts.
    const count = Math.floor((seconds * 1000) / every)
    const kids = []
    for (let i = 0; i < count; i++) kids.push(await authority.addKey({ publish: false }))
    let tokens = tokensOf(authority)
    let running = true
    const outcome = { good: 0, refused: 0, answers: {}, rotations: 0, longestOutage: 0 }
    let firstRefused
    const client = async () => {
      for (let i = 0; running; i++) {
        const { status, body } = await ask(target, tokens[i % TOKENS])
        outcome.good++
        if (status === 200) {
          firstRefused = undefined
          continue
        }
        outcome.refused++
        const answer = `${status} ${body}`
        outcome.answers[answer] = (outcome.answers[answer] ?? 0) + 1
        firstRefused ??= performance.now()
        outcome.longestOutage = Math.max(outcome.longestOutage, performance.now() - firstRefused)
      }
    }
    const stranger = async () => {
      while (running && junk) {
        await ask(target, namingUnknownKey(tokens[0]))
        await sleep(junk)
      }
    }
    const clients = [...Array.from({ length: connections }, client), stranger()]
    for (const kid of kids) {
      await sleep(every)
      authority.restoreKey(kid)
      await authority.rotateKeys({ to: kid })
      tokens = tokensOf(authority)
      outcome.rotations++
    }
    await sleep(Math.min(every, 2000))
    running = false
    await Promise.all(clients)
    return { ...outcome, fetches: fetches(authority) }
  } finally {
    agent.destroy()
    server.close()
    server.closeAllConnections()
    await authority.close()
  }
}

function tokensOf(authority) {
  return Array.from({ length: TOKENS }, () => authority.issueToken())
}

function ask(target, token) {
  return new Promise((resolve, reject) => {
    const request = http.get({ ...target, headers: { authorization: `Bearer ${token}` } }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (part) => {
        body += part
      })
      response.on('end', () => resolve({ status: response.statusCode, body }))
    })
    request.on('error', reject)
  })
}
