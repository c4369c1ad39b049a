// What the proofs of the key cache have in common: authorities, verifiers for them, child processes.
import { execFile } from 'node:child_process'
import { randomInt, randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { startTestAuthority } from 'entra-jwt-verify/testing'

const root = fileURLToPath(new URL('../..', import.meta.url))
const CLIENT = fileURLToPath(new URL('keys-client.mjs', import.meta.url))

/** Milliseconds after which something hangs. Nothing here takes a tenth of it on a machine that is not busy. */
export const HANGS = 30_000

/** An authority that is there until the test ends. */
export async function start(t, settings) {
  const authority = await startTestAuthority({ quiet: true, ...settings })
  t.teardown(() => authority.close())
  return authority
}

/** Registrations for an authority: a client, and that many APIs. */
export function manyApis(count) {
  return [{ clientSecret: 'only for the client' }, ...Array.from({ length: count }, () => ({}))]
}

export function apisOf(authority) {
  return authority.apps.filter(({ clientSecret }) => clientSecret === undefined)
}

/** Options of a verifier for one API of an authority, whatever proxy this machine has. */
export function optionsFor(authority, { api = authority.api, ...more } = {}) {
  return {
    tenantId: authority.tenantId,
    clientId: api.clientId,
    authorityHost: authority.url,
    ca: authority.ca,
    proxy: false,
    ...more
  }
}

/**
 * Authorities for the tests of one file. An authority costs two RSA keys, so it serves many tests, one at a time. Each
 * test gets an API of its own, which is a key URL and so a cache of its own.
 */
export class Pool {
  #free = []
  #waiting = []
  #all = []

  async fill(size, { uses, ...settings }) {
    this.#all = await Promise.all(
      Array.from({ length: size }, () => startOnLastingPort({ quiet: true, apps: manyApis(uses), ...settings }))
    )
    for (const authority of this.#all) this.#release({ authority, apis: apisOf(authority) })
  }

  /** Resolves to `{ authority, api, giveBack }`; nobody else has the authority until it is given back. */
  async borrow() {
    const member = this.#free.pop() ?? (await new Promise((resolve) => this.#waiting.push(resolve)))
    const { authority, apis } = member
    const giveBack = async () => {
      authority.recover()
      await onceFree(() => authority.start())
      this.#release(member)
    }
    return { authority, api: apis.pop(), giveBack }
  }

  close() {
    return Promise.all(this.#all.map((authority) => authority.close()))
  }

  #release(member) {
    const next = this.#waiting.shift()
    if (next) next(member)
    else this.#free.push(member)
  }
}

/**
 * Does something that needs a port which was just given up, as soon as it is free: a process that is being started by
 * another thread holds everything that is open for a moment.
 */
export function onceFree(listen) {
  const attempt = () =>
    listen().then(
      () => true,
      (error) => {
        if (error.code !== 'EADDRINUSE') throw error
      }
    )
  return until(attempt, 'the port is free')
}

/**
 * On a port that nobody takes while the authority is down: below those that systems give to whoever asks for any, which
 * every connection does.
 */
export async function startOnLastingPort(settings) {
  for (;;) {
    try {
      return await startTestAuthority({ ...settings, port: randomInt(20_000, 32_000) })
    } catch (error) {
      if (error.code !== 'EADDRINUSE') throw error
    }
  }
}

/** How often the keys of an API (of any, if none is named) were asked for. */
export function fetches(authority, api) {
  return authority.requestsTo('keys').filter(({ query }) => api === undefined || query.appid === api.clientId).length
}

/** The token again, naming a key that nobody has. Costs no signature: the key is looked for first. */
export function namingUnknownKey(token, kid = randomUUID()) {
  const [header, ...rest] = token.split('.')
  const renamed = { ...JSON.parse(Buffer.from(header, 'base64url')), kid }
  return [Buffer.from(JSON.stringify(renamed)).toString('base64url'), ...rest].join('.')
}

/** Resolves to the first truthy result; rejects when there is none in time. */
export async function until(condition, what) {
  const end = performance.now() + HANGS
  for (;;) {
    const result = await condition()
    if (result) return result
    if (performance.now() > end) throw new Error(`not within ${HANGS} ms: ${what}`)
    await sleep(50)
  }
}

/**
 * Runs Node in a process of its own, in the folder of this package. Never rejects:
 * `{ code, signal, stdout, stderr, milliseconds }`. `meanwhile` gets the process.
 */
export function runNode(args, { env, meanwhile } = {}) {
  const before = performance.now()
  return new Promise((resolve) => {
    const options = { cwd: root, env: { ...cleanEnvironment(), ...env }, timeout: HANGS, killSignal: 'SIGKILL' }
    const child = execFile(process.execPath, args, options, (error, stdout, stderr) => {
      const { code = 0, signal = null } = error ?? {}
      resolve({ code, signal, stdout, stderr, milliseconds: performance.now() - before })
    })
    meanwhile?.(child)
  })
}

/** Runs keys-client.mjs with `{ options, token }`; resolves to what it printed. */
export async function runClient(request, { env, nodeArguments = [] } = {}) {
  const { code, stdout, stderr } = await runNode([...nodeArguments, CLIENT, JSON.stringify(request)], { env })
  if (code !== 0) throw new Error(`the client ended with ${code}: ${stderr}`)
  return JSON.parse(stdout)
}

/**
 * Starts keys-worker.mjs. `asked` resolves once it waits for its answer; `outcome` to `verified`, a code, or, of a worker
 * that ended before, to `asked` or nothing.
 */
export function startWorker(workerData) {
  const worker = new Worker(new URL('keys-worker.mjs', import.meta.url), { workerData })
  let last
  const asked = new Promise((resolve) => {
    worker.on('message', (message) => {
      last = message
      resolve()
    })
  })
  const outcome = new Promise((resolve, reject) => {
    worker.once('error', reject)
    worker.once('exit', () => resolve(last))
  })
  return { worker, asked, outcome }
}

/** The environment without what changes where keys come from and whom to trust. */
export function cleanEnvironment() {
  const changes = /^((?:AZURE|ENTRA)_.*|(HTTPS?|NO|ALL)_PROXY|NODE_EXTRA_CA_CERTS|NODE_OPTIONS|SSL_CERT_(FILE|DIR))$/i
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !changes.test(name)))
}

/** Whatever an error tells, it tells nobody where the keys come from, or with which credentials. */
export function assertDiscreet(t, { message, hint }, ...secrets) {
  for (const text of [message, hint]) {
    t.notRegex(text, /https?:|:\/\/|discovery|appid|127\.0\.0\.1|localhost|\.example\b|\.invalid\b/i)
    for (const secret of secrets) t.false(text.includes(secret), `'${text}' holds '${secret}'`)
  }
}
