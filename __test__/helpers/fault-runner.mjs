// All faults upon one process, which does nothing else, and what it is like afterwards.
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { FAST, faults, SLOW } from './keys-faults.mjs'
import { cleanEnvironment, namingUnknownKey, optionsFor, until } from './keys-setup.mjs'

const SUFFERER = fileURLToPath(new URL('./fault-target.mjs', import.meta.url))

/** Starts fault-target.mjs. Whatever it is asked rejects when it ends. */
export function startSufferer() {
  const child = fork(SUFFERER, { env: cleanEnvironment(), execArgv: ['--unhandled-rejections=strict', '--expose-gc'] })
  const waiting = new Map()
  let asked = 0
  const ask = (message) =>
    new Promise((resolve, reject) => {
      asked += 1
      waiting.set(asked, { resolve, reject })
      child.send({ ...message, id: asked }, (error) => error && reject(error))
    })
  child.on('message', ({ id, answer }) => {
    waiting.get(id).resolve(answer)
    waiting.delete(id)
  })
  child.once('exit', (code, signal) => {
    for (const { reject } of waiting.values()) reject(new Error(`the process ended with ${code ?? signal}`))
  })
  return {
    verify: (name, options, tokens) => ask({ name, options, tokens }),
    forget: (name) => ask({ name }),
    usage: () => ask({}),
    end: () => child.kill()
  }
}

/**
 * Each fault once, when there are no keys and when there are; `pools` are those for authorities without and with TLS.
 * Resolves, by fault, to the outcomes: of the first fetch; of a known and of an unknown key with keys at hand.
 */
export async function sufferAll(sufferer, pools) {
  const outcomes = faults.map((fault) => suffer(sufferer, fault, fault.tls ? pools.secure : pools.plain))
  return Object.fromEntries(await Promise.all(outcomes))
}

/** What `sufferAll` has to resolve to. */
export function expectedOutcomes() {
  return Object.fromEntries(
    faults.map(({ name, cause }) => [
      name,
      cause
        ? ['ERR_KEYS_UNAVAILABLE', 'verified', 'ERR_KEYS_UNAVAILABLE']
        : ['verified', 'verified', 'ERR_TOKEN_KEY_UNKNOWN']
    ])
  )
}

/** Resolves to the use of a process once it is no more than it was, but for the memory. */
export function usageLike(sufferer, before) {
  return until(async () => {
    // A connection is closed, a thread ends a moment after the answer.
    const now = await sufferer.usage()
    return ['handles', 'descriptors', 'threads'].every((what) => now[what] <= before[what]) && now
  }, 'nothing is left open or running')
}

async function suffer(sufferer, fault, pool) {
  const prepared = await fault.prepare?.()
  const { authority, api, giveBack } = await pool.borrow()
  const ca = [authority.ca, prepared?.ca].filter(Boolean)
  const keys = { timeout: fault.slow ? SLOW : FAST }
  const options = optionsFor(authority, { api, ca: ca.length > 0 ? ca : undefined, keys })
  const token = authority.issueToken({ audience: api.appIdUri })
  // Another verifier each round, hence another cache: the API is another one.
  const name = api.clientId

  const first = await fault.begin(authority, prepared)
  const [unready] = await sufferer.verify(name, options, [token])
  await first.end()
  await until(async () => (await sufferer.verify(name, undefined, [token]))[0] === 'verified', fault.name)

  const second = await fault.begin(authority, prepared)
  const [known, unknown] = await sufferer.verify(name, undefined, [token, namingUnknownKey(token)])
  await second.end()
  await sufferer.forget(name)
  await giveBack()
  return [fault.name, [unready, known, unknown]]
}
