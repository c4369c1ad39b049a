// Worker threads that each run the application: keys are fetched once for all of them.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { assertJust, coldStart } from '../cold-start.mjs'
import { load } from '../load.mjs'
import { check, versions } from '../report.mjs'

const COUNT = 4

versions()
const { authority, tokens } = await coldStart()
const keys = () => authority.requestsTo('keys').length

async function started() {
  const worker = new Worker(fileURLToPath(new URL('../worker.cjs', import.meta.url)))
  const [url] = await once(worker, 'message')
  return { worker, url }
}

const threads = await Promise.all(Array.from({ length: COUNT }, started))
const urls = threads.map(({ url }) => url)

await check('a cold start under load: every thread admits good tokens and no others', async () => {
  const outcome = await load(urls, tokens, { count: 400, concurrency: 40 })
  assertJust(outcome, 400)
  assert.equal(outcome.workers.size, COUNT)
})

await check('one fetch of keys for all threads', () => assert.equal(keys(), 1))

await check(
  'a thread that ends under load takes nothing of the others with it, and a new one needs no fetch',
  async () => {
    const [first, ...others] = threads
    const change = async () => {
      await first.worker.terminate()
      const { worker, url } = await started()
      assertJust(await load([url], tokens, { count: 40 }), 40)
      await worker.terminate()
    }
    const during = change()
    const rest = others.map(({ url }) => url)
    assertJust(await load(rest, tokens, { during }))
    await during
    assert.equal(keys(), 1)
  }
)

await check('keys that are rotated while all threads are busy', async () => {
  await authority.rotateKeys()
  assertJust(
    await load(urls.slice(1), { good: tokens.good, 'good, of the new key': authority.issueToken() }, { count: 200 })
  )
  assert.equal(keys(), 2)
})

await Promise.all(threads.map(({ worker }) => worker.terminate()))
await authority.close()
