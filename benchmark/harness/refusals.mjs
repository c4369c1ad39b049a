import { FakeRequest } from './request.mjs'
import { fresh, issueTokens } from './tokens.mjs'
import { wayOf } from './ways.mjs'

/** Tokens that every contender rejects, by what is wrong with them. */
export async function badTokens(world, key) {
  const [good] = await issueTokens(world, key, 1)
  const [header, payload, signature] = good.split('.')
  const past = Math.floor(Date.now() / 1000) - 60
  const [expired] = await issueTokens(world, key, 1, { claims: { exp: past } })
  const unknown = { ...JSON.parse(Buffer.from(header, 'base64url')), kid: 'unknown' }
  return {
    garbage: 'garbage',
    'bad signature': `${header}.${payload}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`,
    expired,
    'unknown kid': `${Buffer.from(JSON.stringify(unknown)).toString('base64url')}.${payload}.${signature}`
  }
}

/** An instance of a contender as a subject of measureInterleaved that refuses one token again and again. */
export function refusalOf(id, instance, token) {
  const way = wayOf(instance)
  const call = way === 'middleware' ? refusedByMiddleware(instance[way]) : refusedByFunction(instance[way])
  const input = way === 'middleware' ? () => new FakeRequest(token) : () => fresh(token)
  return {
    id,
    way: 'refusal',
    prepare: (count) => ({ calls: new Array(count).fill(call), inputs: Array.from({ length: count }, input) })
  }
}

function refusedByFunction(verify) {
  return (token) => {
    try {
      const verdict = verify(token)
      if (typeof verdict?.then === 'function') return verdict.then(accepted, () => undefined)
    } catch {
      return
    }
    accepted()
  }
}

function accepted() {
  throw new Error('a bad token was accepted')
}

/** Waits only where the middleware did not refuse before it returned. */
function refusedByMiddleware(middleware) {
  let isRefused = false
  let resume
  const refuse = () => {
    isRefused = true
    resume?.()
  }
  const response = {
    headersSent: false,
    writableEnded: false,
    setHeader: () => response,
    getHeader: () => undefined,
    status: () => response,
    end: refuse,
    send: refuse,
    json: refuse,
    sendStatus: refuse
  }
  const next = (error) => (error === undefined ? accepted() : refuse())
  return (request) => {
    isRefused = false
    middleware(request, response, next)
    if (isRefused) return
    return new Promise((resolve) => {
      resume = resolve
    })
  }
}
