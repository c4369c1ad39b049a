import { FakeRequest, fakeResponse } from './request.mjs'
import { fresh } from './tokens.mjs'

/**
 * The three ways in which contenders are called, by the name of the function that a contender's `setup` returns. Each
 * has the input that it makes of a token, and how a batch is timed, in nanoseconds. A batch throws when a token is
 * refused, but for `refusal`, which throws when one is accepted.
 */
export const WAYS = {
  verifySync: { input: fresh, time: timeSync },
  verify: { input: fresh, time: timePromises },
  middleware: { input: (token) => new FakeRequest(token), time: timeMiddleware },
  // The calls see to it that the token is refused; no contender has such a function.
  refusal: { input: fresh, time: timeRefusals }
}

/** How an instance wants to be called. */
export function wayOf(instance) {
  return Object.keys(WAYS).find((way) => instance[way])
}

/** Resolves to whether the instance lets the token pass. */
export async function accepts(instance, token) {
  const way = wayOf(instance)
  try {
    await WAYS[way].time([instance[way]], [WAYS[way].input(token)])
    return true
  } catch {
    return false
  }
}

/** The instance as Express middleware: what people write around a function that verifies. */
export function asMiddleware(instance) {
  if (instance.middleware) return instance.middleware
  const verify = instance.verify ?? instance.verifySync
  return async (req, res, next) => {
    try {
      const [scheme, token] = (req.headers.authorization ?? '').split(' ')
      if (scheme.toLowerCase() !== 'bearer' || !token) return res.sendStatus(401)
      req.auth = await verify(token)
    } catch {
      return res.sendStatus(401)
    }
    next()
  }
}

async function timeSync(calls, inputs) {
  const start = process.hrtime.bigint()
  for (let i = 0; i < calls.length; i++) calls[i](inputs[i])
  return Number(process.hrtime.bigint() - start)
}

async function timePromises(calls, inputs) {
  const start = process.hrtime.bigint()
  for (let i = 0; i < calls.length; i++) await calls[i](inputs[i])
  return Number(process.hrtime.bigint() - start)
}

/** Waits only for those that do not refuse at once. */
async function timeRefusals(calls, inputs) {
  const start = process.hrtime.bigint()
  for (let i = 0; i < calls.length; i++) {
    const pending = calls[i](inputs[i])
    if (pending !== undefined) await pending
  }
  return Number(process.hrtime.bigint() - start)
}

/** Waits only where the middleware did not call `next` before it returned. */
async function timeMiddleware(calls, inputs) {
  let done = false
  let failure
  let resume
  const next = (error) => {
    failure ??= error
    done = true
    resume?.()
  }
  const response = fakeResponse(next)
  const start = process.hrtime.bigint()
  for (let i = 0; i < calls.length; i++) {
    done = false
    calls[i](inputs[i], response, next)
    if (!done) {
      await new Promise((resolve) => {
        resume = resolve
      })
    }
  }
  const time = Number(process.hrtime.bigint() - start)
  if (failure) throw failure
  return time
}
