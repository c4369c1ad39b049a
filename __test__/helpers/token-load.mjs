// Requests with good and bad tokens, as fast as they are answered, and how each was answered.
import { Agent, request } from 'node:http'

/** Tokens of each kind, so that the same one comes again, as from a client that uses its token for an hour. */
const TOKENS = 20

/** Seconds after which all tokens are new. */
const RENEWAL = 5

/** 200 groups, the most that Entra writes into a token. */
const GROUPS = Array.from({ length: 200 }, () => crypto.randomUUID())

/**
 * By name: a request, and the status that it has to be answered with.
 *
 * @type {Record<string, { status: number, method?: string, overrides?: object, authorization?: (token: string) => string | undefined }>}
 */
const KINDS = {
  good: { status: 200, overrides: {} },
  'good, with 200 groups': { status: 200, overrides: { delegated: true, claims: { groups: GROUPS } } },
  'good POST': { status: 201, method: 'POST', overrides: { roles: ['Task.Write'] } },
  'POST without the role': { status: 403, method: 'POST', overrides: { roles: [] } },
  expired: { status: 401, overrides: { expiresIn: -1 } },
  'another audience': { status: 401, overrides: { audience: 'api://another' } },
  'no token': { status: 401, authorization: () => undefined },
  'another signature': { status: 500, overrides: {}, authorization: (token) => `Bearer ${token.slice(0, -6)}AAAAAA` },
  garbage: { status: 500, authorization: () => 'Bearer token' }
}

/**
 * Sends requests until it is stopped.
 *
 * @param {string} url
 * @param {import('../../testing').TestAuthority} authority
 * @param {number} connections
 */
export function startLoad(url, authority, connections) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const names = Object.keys(KINDS)
  /** @type {Map<string, number>} */
  const answers = new Map()
  /** @type {{ name: string, outcome: string, method: string, at: number }[]} */
  const unexpected = []
  let tokens = issue(authority)
  let issuedAt = performance.now()
  let isRunning = true
  let sent = 0

  const next = async () => {
    while (isRunning) {
      if (performance.now() - issuedAt > RENEWAL * 1000) {
        issuedAt = performance.now()
        tokens = issue(authority)
      }
      const name = names[sent++ % names.length]
      const { method = 'GET', status } = KINDS[name]
      const authorization = tokens[name][sent % TOKENS]
      const outcome = String(await send(url, { agent, method, authorization }))
      const key = `${name}: ${outcome}`
      answers.set(key, (answers.get(key) ?? 0) + 1)
      if (outcome !== String(status)) unexpected.push({ name, outcome, method, at: performance.now() })
    }
  }
  const running = Promise.all(Array.from({ length: connections }, next))
  return {
    unexpected,
    /** Issues new tokens for the requests from now on. */
    renew() {
      tokens = issue(authority)
    },
    /** Resolves to the number of answers by kind and status. */
    async stop() {
      isRunning = false
      await running
      agent.destroy()
      return answers
    }
  }
}

function issue(authority) {
  const bearer = (token) => `Bearer ${token}`
  return Object.fromEntries(
    Object.entries(KINDS).map(([name, { overrides, authorization = bearer }]) => [
      name,
      Array.from({ length: TOKENS }, () => authorization(overrides ? authority.issueToken(overrides) : ''))
    ])
  )
}

/** Resolves to the status of the answer, or to the code of the error. */
function send(url, { agent, method, authorization }) {
  const body = method === 'POST' ? '{"title":"test"}' : undefined
  const headers = {
    ...(authorization && { Authorization: authorization }),
    ...(body && { 'Content-Type': 'application/json', 'Content-Length': body.length })
  }
  return new Promise((resolve) => {
    const outgoing = request(`${url}/tasks`, { agent, method, headers }, (response) => {
      response.on('end', () => resolve(response.statusCode))
      response.on('error', (error) => resolve(error.code))
      response.resume()
    })
    outgoing.on('error', (error) => resolve(error.code))
    outgoing.end(body)
  })
}
