// Starts what is in apps/ as a user does, configured by the environment, with the package as it is installed.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startTestAuthority } from '../../testing/index.js'

const folder = dirname(fileURLToPath(import.meta.url))

/** A test authority until the test ends, and the tokens that every framework is tried with. */
export async function authorityOf(t) {
  const authority = await startTestAuthority({ quiet: true })
  t.after(() => authority.close())
  const [head, payload, signature] = authority.issueToken().split('.')
  return {
    clientId: authority.client.clientId,
    token: (overrides) => authority.issueToken(overrides),
    /** Tokens that may not pass, `undefined` for none. */
    bad: [
      undefined,
      'token',
      [head, payload, signature[0] === 'A' ? `B${signature.slice(1)}` : `A${signature.slice(1)}`].join('.'),
      // Also while the keys are cached, this one makes them be fetched.
      authority.issueToken({ header: { kid: 'unknown' } }),
      authority.issueToken({ expiresIn: -1 }),
      authority.issueToken({ audience: 'api://another' })
    ],
    env: {
      ENTRA_TENANT_ID: authority.tenantId,
      ENTRA_CLIENT_ID: authority.api.clientId,
      ENTRA_AUTHORITY_HOST: authority.url
    }
  }
}

/** Starts an application until the test ends; resolves to its host and port. */
export async function start(t, file, env) {
  const port = await freePort()
  const child = spawn(process.execPath, [join(folder, file)], {
    env: { ...process.env, ...env, PORT: String(port), NODE_NO_WARNINGS: '1' },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text))
  const ended = once(child, 'close')
  t.after(async () => {
    assert.equal(child.exitCode, null, `${file} ended by itself:\n${output}`)
    child.kill()
    await ended
  })
  while (!(await isListening(port))) {
    if (child.exitCode !== null) throw new Error(`${file} did not start:\n${output}`)
    await sleep(30)
  }
  return `localhost:${port}`
}

/** A listing with other text in some places, as a reader would change it: a file to start. */
export function variant(name, replacements) {
  let code = readFileSync(join(folder, 'apps', `${name}.mjs`), 'utf8')
  for (const [text, replacement] of replacements) {
    assert.equal(code.split(text).length, 2, `${name} has once: ${text}`)
    code = code.replace(text, () => replacement)
  }
  const file = join('node_modules', '.variants', `${name}-${randomUUID()}.mjs`)
  mkdirSync(join(folder, dirname(file)), { recursive: true })
  writeFileSync(join(folder, file), code)
  return file
}

async function freePort() {
  const server = createServer().listen(0)
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

async function isListening(port) {
  const socket = connect(port, 'localhost')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

export const bearer = (token) => (token === undefined ? {} : { authorization: `Bearer ${token}` })

/**
 * Asserts that a good token reaches the handler with its caller, and that no other does: first where the keys have to be fetched.
 */
export async function check({ clientId, token, bad }, callerOf) {
  assert.equal(await callerOf(bad[2]), undefined, 'a forged token while the keys are fetched')
  assert.equal(await callerOf(token()), clientId)
  for (const [index, wrong] of bad.entries()) assert.equal(await callerOf(wrong), undefined, `bad token ${index}`)
  assert.equal(await callerOf(token()), clientId)
}

/** What answers with the caller as JSON: the caller, or `undefined` for a rejection with its status and challenge. */
export async function callerFrom(answer, read = ({ client }) => client) {
  const text = await answer.text()
  if (answer.status === 200) return read(JSON.parse(text))
  assert.ok(answer.status === 401 || answer.status === 500, `${answer.status} ${text}`)
  if (answer.status === 401) assert.match(answer.headers.get('www-authenticate'), /^Bearer/)
  assert.doesNotMatch(text, /client/)
  return undefined
}
