// The command line as a process of its own, with exactly the environment that a test gives it.
import { spawn } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const BIN = fileURLToPath(new URL('../../bin/entra-jwt-verify.js', import.meta.url))

const FOREIGN = /^(?:AZURE|ENTRA)_|_PROXY$|^NODE_|COLOR|^TERM$/i

/** The environment of this process without what configures the command line. */
export function inherited() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !FOREIGN.test(name)))
}

/** Runs a command; `input` goes to standard input, which is empty and ends without it. */
export async function cli(args, { env = {}, input = '' } = {}) {
  const child = start(args, env)
  // A command that reads no input may end before it is written.
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  const [stdout, stderr, status] = await Promise.all([text(child.stdout), text(child.stderr), ended(child)])
  return { status, stdout, stderr }
}

function start(args, env) {
  return spawn(process.execPath, [BIN, ...args], { env: { ...inherited(), ...env }, timeout: 60_000 })
}

/**
 * Starts a command that runs until it is told to end, and waits for its output to match. `end(signal)` resolves to what it ended
 * with.
 */
export async function cliUntil(pattern, args, { env = {} } = {}) {
  const child = start(args, env)
  let stdout = ''
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (chunk) => (stderr += chunk))
  await new Promise((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      stdout += chunk
      if (pattern.test(stdout)) resolve()
    })
    child.on('close', () => reject(new Error(`ended before: ${stdout}${stderr}`)))
  })
  return {
    stdout,
    end: (signal) => {
      const closed = new Promise((resolve) =>
        child.on('close', (status, by) => resolve({ status, signal: by, stderr }))
      )
      child.kill(signal)
      return closed
    }
  }
}

async function text(stream) {
  let text = ''
  for await (const chunk of stream.setEncoding('utf8')) text += chunk
  return text
}

const ended = (child) => new Promise((resolve) => child.on('close', resolve))

/** The variables that make an authority the configured one. */
export function environmentOf({ tenantId, api, url }) {
  return { AZURE_TENANT_ID: tenantId, AZURE_CLIENT_ID: api.clientId, AZURE_AUTHORITY_HOST: url }
}

/** Writes a file that is there as long as the machine keeps its temporary files. */
export function temporaryFile(name, content) {
  const path = join(mkdtempSync(join(tmpdir(), 'entra-jwt-verify-')), name)
  writeFileSync(path, content)
  return path
}
