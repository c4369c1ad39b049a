// Processes of their own: what is measured shares its heap, its compiled code and its event loop with nothing else.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const ENTRY = fileURLToPath(new URL('child-entry.mjs', import.meta.url))

/**
 * Starts a process that calls the default export of `module`, a path below benchmark/, with `input`. Resolves to
 * `{ value, call(method, ...args), stop() }`: what that export gave, and the module's `methods` from afar.
 */
export async function startChild(module, input, { env = {}, execArgv = [], timeout } = {}) {
  const child = fork(ENTRY, [], {
    env: { ...process.env, ...env },
    execArgv,
    // What a peer logs is no result.
    stdio: ['ignore', 'ignore', 'inherit', 'ipc']
  })
  const answers = answersOf(child, module, timeout)
  const request = (message) => {
    const answer = answers.next()
    child.send(message)
    return answer
  }
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  try {
    const value = await request({ module, input })
    return { value, call: (method, ...args) => request({ method, args }), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** For what has one result. */
export async function runInChild(module, input, options) {
  const child = await startChild(module, input, options)
  await child.stop()
  return child.value
}

/** Answers come in the order of the requests. */
function answersOf(child, module, timeout) {
  const waiting = []
  const failAll = (problem) => {
    for (const { reject } of waiting.splice(0)) reject(new Error(`${module}: ${problem}`))
  }
  child.on('message', ({ value, error }) => {
    const { resolve, reject } = waiting.shift()
    if (error) reject(new Error(`${module}: ${error}`))
    else resolve(value)
  })
  child.on('error', (error) => failAll(error.message))
  child.on('exit', (code, signal) => failAll(`ended early (${signal ?? code})`))
  const next = () =>
    new Promise((resolve, reject) => {
      const timer = timeout && setTimeout(() => failAll(`no answer within ${timeout / 1000} s`), timeout)
      const settle = (how) => (value) => {
        clearTimeout(timer)
        how(value)
      }
      waiting.push({ resolve: settle(resolve), reject: settle(reject) })
    })
  return { next }
}
