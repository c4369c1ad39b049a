// The processes of a cluster behind one port: each fetches keys of its own, and a rolling reload loses no request.
import assert from 'node:assert/strict'
import cluster from 'node:cluster'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { assertJust, coldStart } from '../cold-start.mjs'
import { load } from '../load.mjs'
import { check, versions } from '../report.mjs'

const COUNT = 3

versions()
const { authority, tokens } = await coldStart()
const keys = () => authority.requestsTo('keys').length

cluster.setupPrimary({ exec: fileURLToPath(new URL('../member.cjs', import.meta.url)) })
let port

async function forked() {
  const worker = cluster.fork()
  const ended = once(worker, 'exit').then(([code]) => {
    throw new Error(`a process of the cluster ended with ${code} before it listened`)
  })
  const [address] = await Promise.race([once(worker, 'listening'), ended])
  ended.catch(() => {})
  // Any port is the same one for all of them.
  port ??= address.port
  return worker
}

let members = await Promise.all(Array.from({ length: COUNT }, forked))
const urls = [`http://127.0.0.1:${port}/`, `http://127.0.0.1:${port}/slow`]

await check('a cold start under load: every process admits good tokens and no others', async () => {
  const outcome = await load(urls, tokens, { count: 400, concurrency: 40 })
  assertJust(outcome, 400)
  assert.equal(outcome.workers.size, COUNT)
})

await check('one fetch of keys in each process', () => assert.equal(keys(), COUNT))

await check('a rolling reload: fork, then disconnect, one after the other; no request is lost', async () => {
  const before = members.map(({ process: { pid } }) => pid)
  const reload = async () => {
    for (const old of members) {
      members = [...members.slice(1), await forked()]
      old.disconnect()
      await once(old, 'exit')
    }
  }
  const during = reload()
  const outcome = await load(urls, tokens, { during })
  await during
  assertJust(outcome, 2 * COUNT)
  const after = await load(urls, tokens, { count: 120 })
  assertJust(after, 120)
  for (const pid of before) assert.ok(![...after.workers].includes(`${pid}/0`), `process ${pid} is still there`)
  assert.equal(keys(), 2 * COUNT)
})

await check('a process that is killed under load: the others go on, and one that replaces it starts cold', async () => {
  const [first] = members
  const replace = async () => {
    first.process.kill('SIGKILL')
    await once(first, 'exit')
    members = [...members.slice(1), await forked()]
  }
  const during = replace()
  const { lost: _, ...answered } = await load(urls, tokens, { during })
  await during
  // What it was answering went with it. Nothing else did.
  assertJust({ ...answered, lost: [] })
  assertJust(await load(urls, tokens, { count: 120 }), 120)
})

await Promise.all(
  members.map((member) => {
    member.disconnect()
    return once(member, 'exit')
  })
)
await authority.close()
