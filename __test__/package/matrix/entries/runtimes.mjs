// The packed package under each runtime and framework: what the contract of the adapters says of good, forged and rejected tokens and
// of guards, with keys that have to be fetched and with cached ones.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startTestAuthority } from '../../../../testing/index.js'
import { GOOD } from '../../../helpers/adapter-contract-answers.mjs'
import { GUARDS } from '../../../helpers/adapter-contract-guards.mjs'
import { cleanEnvironment } from '../../../helpers/keys-setup.mjs'
import { refusals } from '../../../helpers/refusals.mjs'
import { application, scratch } from '../packed.mjs'
import { bun, deno, NODES, versionOf } from '../programs.mjs'
import { check, skip, versions } from '../report.mjs'

const FRAMEWORKS = ['express', 'fastify', 'hono', 'fetch']

/** What docs/runtimes.md says that Deno needs. */
const PERMISSIONS = ['--allow-net', '--allow-env', '--allow-read', '--allow-sys', '--allow-ffi']

const { 'this Node': _, ...nodes } = NODES
const runtimes = Object.entries({ ...nodes, Bun: bun, Deno: deno }).map(([name, file]) => ({
  name,
  file,
  args: name === 'Deno' ? ['run', '--no-prompt', ...PERMISSIONS] : []
}))
const present = runtimes.filter(({ file }) => file !== undefined && existsSync(file))
versions(Object.fromEntries(await Promise.all(present.map(async ({ name, file }) => [name, await versionOf(file)]))))

const app = await application(scratch(), [...FRAMEWORKS.slice(0, 3), '@hono/node-server'])
cpSync(fileURLToPath(new URL('../services', import.meta.url)), join(app, 'services'), { recursive: true })
const authority = await startTestAuthority({ quiet: true })
// Keys come late, so that requests have to wait for them.
authority.delay(100)

for (const runtime of runtimes) {
  if (present.includes(runtime)) for (const framework of FRAMEWORKS) await contract(runtime, framework)
  else skip(runtime.name, 'npm has no executable of it for this platform')
}
await authority.close()

async function contract({ name: runtime, file, args }, framework) {
  const rejected = Object.entries(refusals(authority))
  const first = rejected.length
  const row = (name, action) => check(`${runtime}, ${framework}: ${name}`, () => action(server))
  const server = await started([file, ...args, join(app, 'services', `${framework}.mjs`)], first + 2)
  if (server.problem) return check(`${runtime}, ${framework}`, () => assert.fail(server.problem))

  await row('a forged token, and any other that is not good, is rejected while keys are fetched', async ({ send }) => {
    for (const [index, [name, { authorization, classic }]] of rejected.entries()) {
      assert.deepEqual(contractual(await send(`/cold/${index}`, authorization)), classic, name)
    }
  })
  await row('many requests at once wait for the same keys, each for its own verdict', async ({ send }) => {
    const fetched = authority.requestsTo('keys').length
    const forged = refusals(authority)['another signature']
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        send(`/cold/${first}`, index % 2 ? forged.authorization : authority.bearer())
      )
    )
    for (const [index, answer] of answers.entries()) {
      if (index % 2) assert.deepEqual(contractual(answer), forged.classic)
      else assertAdmitted(answer)
    }
    assert.equal(authority.requestsTo('keys').length - fetched, 1)
  })
  await row('good tokens reach the handler, which sees their client', async ({ send }) => {
    for (let times = 0; times < 2; times++) {
      for (const [name, overrides] of Object.entries(GOOD)) assertAdmitted(await send('/', bearer(overrides)), name)
    }
  })
  await row('the same are rejected with cached keys', async ({ send }) => {
    for (const [name, { authorization, classic }] of rejected) {
      assert.deepEqual(contractual(await send('/', authorization)), classic, name)
    }
  })
  await row('guards admit tokens that meet them, and no others', async ({ send }) => {
    for (const [path, { met, unmet }] of Object.entries(GUARDS)) {
      for (const overrides of met) assertAdmitted(await send(path, bearer(overrides)), path)
      for (const overrides of unmet) {
        const { status, body, challenge } = contractual(await send(path, bearer(overrides)))
        assert.deepEqual([status, body], [403, 'Forbidden'], path)
        assert.match(challenge, /^Bearer .*error="insufficient_scope"/)
      }
      assert.equal((await send(path, undefined)).status, 401)
    }
  })
  // Guards of entry fetch are arguments of what verifies.
  if (framework !== 'fetch') {
    await row('a guard without the middleware in front rejects every request', async ({ send }) => {
      for (const [path, { met }] of Object.entries(GUARDS)) {
        const { status, body } = await send(`/bare${path}`, bearer(met[0]))
        assert.deepEqual([status, body], [401, 'Unauthorized'], path)
      }
    })
  }
  await server.close()
}

function bearer(overrides) {
  return authority.bearer(overrides)
}

function assertAdmitted({ status, body }, name) {
  assert.deepEqual([status, body], [200, JSON.stringify({ client: authority.client.clientId })], name)
}

/** What the contract says of an answer. */
function contractual({ status, body, challenge }) {
  return { status, body, challenge }
}

/** Starts a service; resolves when it listens, or to the `problem` with which it ended. */
async function started([command, ...args], cold) {
  const env = { ...cleanEnvironment(), ...authority.env(), COLD: String(cold) }
  const child = spawn(command, args, { cwd: app, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = once(child, 'close')
  let output = ''
  const port = await new Promise((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text
        const found = /listens on (\d+)/.exec(output)
        if (found) resolve(found[1])
      })
    }
    ended.then(() => resolve(undefined))
  })
  if (port === undefined) return { problem: `it ended before it listened: ${output}` }
  return {
    async send(path, authorization) {
      const headers = authorization === undefined ? {} : { authorization }
      const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers })
      return {
        status: response.status,
        body: await response.text(),
        challenge: response.headers.get('www-authenticate')
      }
    },
    close() {
      child.kill()
      return ended
    }
  }
}
