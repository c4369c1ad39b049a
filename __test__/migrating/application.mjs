// A program of a guide as a process: a real Express application on loopback, in front of the test authority.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { root } from '../../scripts/process.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const { dependencies } = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'))

/** What a program of the guides says, and what it says here. */
const ENTRA = 'https://login.microsoftonline.com'
const LISTEN = 'app.listen(3000)'
/** What a page of another origin asks before it sends a token. */
const PREFLIGHT = {
  origin: 'https://app.example',
  'access-control-request-method': 'GET',
  'access-control-request-headers': 'authorization'
}
const CERTIFICATES = 'ca.pem'
const LISTEN_HERE = "const server = app.listen(0, '127.0.0.1', () => process.send(server.address().port))"

/**
 * A folder for programs, with the packages that they use and the certificate that they trust.
 *
 * @param {import('../../testing').TestAuthority} authority
 */
export function makeFolder(authority) {
  const folder = mkdtempSync(join(tmpdir(), 'entra-jwt-verify-migrating-'))
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
  writeFileSync(join(folder, CERTIFICATES), authority.ca)
  mkdirSync(join(folder, 'node_modules'))
  for (const name of ['entra-jwt-verify', ...Object.keys(dependencies)]) {
    const target = name === 'entra-jwt-verify' ? root : join(here, 'node_modules', name)
    symlinkSync(target, join(folder, 'node_modules', name), 'junction')
  }
  return folder
}

export const removeFolder = (folder) => rmSync(folder, { recursive: true, force: true })

/**
 * @param {string} folder
 * @param {string} name
 * @param {string} code
 * @param {import('../../testing').TestAuthority} authority
 */
export async function startApplication(folder, name, code, authority) {
  if (!code.includes(LISTEN)) throw new Error(`${name} has to end with ${LISTEN}`)
  const file = join(folder, `${name}.${/^import /m.test(code) ? 'mjs' : 'cjs'}`)
  writeFileSync(file, code.replaceAll(ENTRA, authority.url).replace(LISTEN, LISTEN_HERE))
  let running = await startProcess(name, file, authority)
  return {
    name,
    output: () => running.output(),
    /** @returns {Promise<Response | 'ended' | 'silent'>} `ended`: with its process; another one has been started */
    async send({ authorization, path = '/tasks', preflight = false }, patience = 10_000) {
      const headers = authorization === undefined ? {} : { authorization }
      if (preflight) Object.assign(headers, PREFLIGHT)
      const url = `http://127.0.0.1:${running.port}${path}`
      try {
        return await fetch(url, {
          method: preflight ? 'OPTIONS' : 'GET',
          headers,
          signal: AbortSignal.timeout(patience)
        })
      } catch (error) {
        if (error.name === 'TimeoutError') return 'silent'
        // Only a process that has ended cuts connections.
        await running.ended
        running = await startProcess(name, file, authority)
        return 'ended'
      }
    },
    stop: () => running.stop()
  }
}

async function startProcess(name, file, authority) {
  const folder = dirname(file)
  const child = fork(file, {
    cwd: folder,
    env: { ...environment(authority), NODE_EXTRA_CA_CERTS: join(folder, CERTIFICATES), NODE_ENV: 'production' },
    execArgv: [],
    silent: true
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text))
  const ended = once(child, 'close')
  const [port] = await Promise.race([
    once(child, 'message'),
    ended.then(([status]) => Promise.reject(new Error(`${name} ended with ${status}:\n${output}`)))
  ])
  return {
    port,
    ended,
    output: () => output.slice(-2000),
    async stop() {
      child.kill()
      await ended
    }
  }
}

/** Without what the machine's own environment would add to the package's configuration. */
function environment(authority) {
  const { PATH, SystemRoot } = process.env
  const { tenantId, api } = authority
  return {
    PATH,
    SystemRoot,
    ...authority.env(),
    AZURE_TENANT_ID: tenantId,
    AZURE_CLIENT_ID: api.clientId,
    AZURE_AUDIENCE: `${api.clientId},${api.appIdUri}`,
    TENANT_ID: tenantId,
    CLIENT_ID: api.clientId
  }
}
