// The instances of examples/scale-out, and the proxies in front of them with the configuration files that stand there.
import { spawn, spawnSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { openSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { root } from '../../scripts/process.mjs'

const EXAMPLE = join(root, 'examples', 'scale-out')

/** One instance of the service: a process that holds a port, and its workers. */
export class Instance {
  #child
  #lines
  #settings

  /** @param {{ host: string, port: number, folder: string, env: Record<string, string> }} settings */
  constructor(settings) {
    this.#settings = settings
  }

  /** Resolves when its workers accept connections. */
  async start() {
    const { host, port, folder, env } = this.#settings
    const stderr = openSync(join(folder, `service-${host}.log`), 'a')
    this.#child = spawn(process.execPath, [join(EXAMPLE, 'cluster.mjs')], {
      cwd: folder,
      env: { ...process.env, ...env, HOST: host, PORT: String(port), KEYS_FILE: join(folder, `keys-${host}.json`) },
      stdio: ['ignore', 'pipe', stderr]
    })
    this.#lines = createInterface({ input: this.#child.stdout })
    await this.#says('ready')
  }

  /** Replaces its workers one after the other; resolves when all are new. */
  async restart() {
    this.#child.kill('SIGHUP')
    await this.#says('restarted')
  }

  /** Ends it as a process manager does. */
  async stop() {
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGTERM')
    const [code, signal] = await ended
    if (code !== 0) throw new Error(`the service ended with ${code ?? signal} instead of 0`)
  }

  /** Ends one worker as a crash does. */
  killWorker() {
    const { pid } = this.#child
    const [worker] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ')
    process.kill(Number(worker), 'SIGKILL')
  }

  /** Ends it at once; its workers end with it. */
  async kill() {
    if (this.#child === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await ended
  }

  async #says(expected) {
    const [line] = await Promise.race([
      once(this.#lines, 'line'),
      once(this.#child, 'exit').then(([code]) => {
        throw new Error(`the service ended with exit code ${code}; see ${this.#settings.folder}`)
      })
    ])
    if (line !== expected) throw new Error(`the service says '${line}' instead of '${expected}'`)
  }
}

/**
 * A port that stays free while nothing listens: not one of those that systems take for outgoing connections.
 *
 * @param {string} host
 */
export async function freePort(host) {
  for (;;) {
    const port = randomInt(10_000, 32_000)
    const server = createServer()
    try {
      server.listen(port, host)
      await once(server, 'listening')
    } catch (error) {
      if (error.code === 'EADDRINUSE') continue
      throw error
    }
    server.close()
    await once(server, 'close')
    return port
  }
}

/** The addresses in the configuration files, in whose place free ports are used. */
const WRITTEN = { host: ['127.0.0.1', '127.0.0.2'], port: 3001 }

/**
 * Starts an instance on each of two hosts.
 *
 * @param {string} folder for their files
 * @param {Record<string, string>} env configures them
 */
export async function startService(folder, env) {
  const places = []
  for (const host of WRITTEN.host) places.push({ written: `${host}:${WRITTEN.port}`, host, port: await freePort(host) })
  const instances = places.map(({ host, port }) => new Instance({ host, port, folder, env }))
  await Promise.all(instances.map((instance) => instance.start()))
  const kill = () => Promise.all(instances.map((instance) => instance.kill()))
  return { places, instances, kill }
}

/** How each proxy is started, which tests add to the files of the example to see more. */
const PROXIES = {
  nginx: {
    file: 'nginx.conf',
    version: ['-v'],
    written: '127.0.0.1:8080',
    args: (folder) => ['-p', folder, '-c', 'nginx.conf', '-g', 'daemon off;'],
    // What each instance answered that a request was sent to.
    logged: ['access_log off;', "log_format upstreams '$upstream_status';\n  access_log proxy.log upstreams;"],
    isRetried: (line) => line.includes(',')
  },
  haproxy: {
    file: 'haproxy.cfg',
    version: ['-v'],
    written: '127.0.0.1:8081',
    args: (folder) => ['-db', '-f', join(folder, 'haproxy.cfg')],
    // Attempts beyond the first; `+` where it was another instance.
    logged: ['frontend clients', 'frontend clients\n  log stdout format raw local0\n  log-format "%rc"'],
    isRetried: (line) => /^\+?[1-9]/.test(line)
  }
}

/**
 * The first line of what a proxy says about its version, or `undefined` where it is not installed.
 *
 * @param {keyof typeof PROXIES} name
 */
export function versionOf(name) {
  const { error, stdout, stderr } = spawnSync(name, PROXIES[name].version, { encoding: 'utf8' })
  return error ? undefined : /\d+\.\d+\.\d+/.exec(stdout + stderr)?.[0]
}

/**
 * Starts a proxy in front of the service.
 *
 * @param {keyof typeof PROXIES} name
 * @param {string} folder
 * @param {{ written: string, host: string, port: number }[]} places of the instances
 */
export async function startProxy(name, folder, places) {
  const { file, written, args, logged, isRetried } = PROXIES[name]
  const port = await freePort('127.0.0.1')
  const replaced = [
    [written, `127.0.0.1:${port}`],
    ...places.map((place) => [place.written, `${place.host}:${place.port}`]),
    logged
  ]
  let configuration = readFileSync(join(EXAMPLE, file), 'utf8')
  for (const [from, to] of replaced) {
    if (!configuration.includes(from)) throw new Error(`${file} does not have ${from}`)
    configuration = configuration.replace(from, () => to)
  }
  writeFileSync(join(folder, file), configuration)

  const log = join(folder, 'proxy.log')
  const stdout = openSync(log, 'a')
  const stderr = openSync(join(folder, `${name}.log`), 'a')
  const child = spawn(name, args(folder), { cwd: folder, stdio: ['ignore', stdout, stderr] })
  const ended = once(child, 'exit')
  const url = `http://127.0.0.1:${port}`
  await Promise.race([
    answers(url),
    ended.then(([code]) => {
      throw new Error(`${name} ended with exit code ${code}; see ${folder}`)
    })
  ])
  return {
    url,
    /** Requests that were sent more than once. */
    retried: () => readFileSync(log, 'utf8').split('\n').filter(isRetried).length,
    async stop() {
      child.kill('SIGTERM')
      await ended
    }
  }
}

/** Resolves once a server answers. */
async function answers(url) {
  for (;;) {
    const response = await fetch(url).catch(() => undefined)
    await response?.arrayBuffer()
    if (response !== undefined && response.status < 502) return
    await sleep(50)
  }
}
