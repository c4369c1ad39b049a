// PM2 in cluster mode: `pm2 reload` replaces the processes one after the other and loses no request.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { assertJust, coldStart } from '../cold-start.mjs'
import { load } from '../load.mjs'
import { check, versions } from '../report.mjs'

const COUNT = 3

const manifest = createRequire(import.meta.url).resolve('pm2/package.json')
const { version, bin } = JSON.parse(readFileSync(manifest, 'utf8'))
versions({ PM2: version })

const { authority, tokens } = await coldStart()
const keys = () => authority.requestsTo('keys').length

// A daemon of its own, that knows no other applications.
const home = mkdtempSync(join(tmpdir(), 'entra-jwt-verify-pm2-'))
const portFile = join(home, 'port')
const env = { ...process.env, PM2_HOME: home, PORT_FILE: portFile, NO_COLOR: '1' }

async function pm2(...args) {
  const { stdout } = await promisify(execFile)(process.execPath, [join(dirname(manifest), bin.pm2), ...args], { env })
  return stdout
}

/** Processes that PM2 says are online, by pid. */
async function online() {
  const list = JSON.parse((await pm2('jlist')).trim().split('\n').at(-1))
  return list.filter(({ pm2_env }) => pm2_env.status === 'online').map(({ pid }) => pid)
}

try {
  const member = fileURLToPath(new URL('../member.cjs', import.meta.url))
  await pm2(
    'start',
    member,
    '--name',
    'application',
    '-i',
    String(COUNT),
    '--listen-timeout',
    '20000',
    '--kill-timeout',
    '10000'
  )
  const before = await listening()
  const port = readFileSync(portFile, 'utf8')
  const urls = [`http://127.0.0.1:${port}/`, `http://127.0.0.1:${port}/slow`]

  await check('a cold start under load: every process admits good tokens and no others', async () => {
    // PM2 says online of a process that does not listen yet.
    const answered = new Set()
    for (const end = Date.now() + 60_000; answered.size < COUNT && Date.now() < end; ) {
      const outcome = await load(urls, tokens, { count: 400, concurrency: 40 })
      assertJust(outcome, 400)
      for (const worker of outcome.workers) answered.add(worker)
    }
    assert.deepEqual(answered, new Set(before.map((pid) => `${pid}/0`)))
  })

  await check('one fetch of keys in each process', () => assert.equal(keys(), COUNT))

  await check('pm2 reload: no request is lost', async () => {
    const during = pm2('reload', 'application')
    const outcome = await load(urls, tokens, { during })
    await during
    assertJust(outcome, 2 * COUNT)
    const after = await online()
    assert.equal(after.length, COUNT)
    assert.deepEqual(
      after.filter((pid) => before.includes(pid)),
      [],
      'processes that were not replaced'
    )
    assertJust(await load(urls, tokens, { count: 120 }), 120)
    assert.equal(keys(), 2 * COUNT)
  })
} finally {
  await pm2('kill')
  rmSync(home, { recursive: true, force: true })
  await authority.close()
}

/** Waits until all processes are there and one listens; resolves to their pids. */
async function listening() {
  for (const end = Date.now() + 120_000; Date.now() < end; ) {
    const pids = await online()
    if (pids.length === COUNT && existsSync(portFile)) return pids
  }
  throw new Error(`the application does not listen: ${await pm2('logs', '--nostream', '--lines', '30')}`)
}
