// Ends worker threads in the middle of a fetch, before, at and after the moment in which the answer comes; then sees
// whether keys can be had by others, in other threads and here. A process of its own: should it crash, it does so alone.
// Arguments: `everywhere`, or `in the worker alone` where this thread loads the addon only in the end; how many rounds.
// Prints JSON.
import { setTimeout as sleep } from 'node:timers/promises'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import { outcomeOf } from './keys-outcome.mjs'
import { apisOf, fetches, manyApis, optionsFor, startWorker } from './keys-setup.mjs'

/** Milliseconds that an answer takes, counted from when all are ready to ask. */
const DELAY = 100

const [, , where, rounds] = process.argv
const everywhere = where === 'everywhere'

const authority = await startTestAuthority({
  quiet: true,
  tls: true,
  apps: manyApis(Number(rounds) + 1)
})
const apis = apisOf(authority)
const load = async () => (await import('entra-jwt-verify')).createVerifier
const createVerifier = everywhere ? await load() : undefined

/** What others, who wait for the same fetch, got. */
async function round(api, patience) {
  const options = optionsFor(authority, { api })
  const token = authority.issueToken({ audience: api.appIdUri })
  const count = everywhere ? 2 : 1
  const ready = new SharedArrayBuffer(4)
  const [ends, ...others] = Array.from({ length: count }, () => startWorker({ options, token, ready, count }))
  await ends.asked
  const outcomes = others.map(({ outcome }) => outcome)
  if (everywhere) outcomes.push(outcomeOf(createVerifier(options).verify(token)))
  await sleep(patience)
  await ends.worker.terminate()
  const got = await Promise.all(outcomes)
  // Whatever the fetch does once its worker is gone, it has done it by then.
  await sleep(2 * DELAY - patience)
  return got
}

authority.delay(DELAY)
const others = []
for (let index = 0; index < rounds; index++) {
  const patience = [0, DELAY / 2, DELAY - 1, DELAY, DELAY + 1, DELAY + 5][index % 6]
  others.push(...(await round(apis[index], patience)))
}
const fetched = fetches(authority)
authority.recover()

const options = optionsFor(authority, { api: apis.at(-1) })
const token = authority.issueToken({ audience: apis.at(-1).appIdUri })
const later = await startWorker({ options, token }).outcome
const inMain = await outcomeOf((await load())(options).verify(token))
await authority.close()
console.log(JSON.stringify({ others, fetched, later, inMain }))
