// Many at once: of unknown keys, of good tokens, at the start and while keys change. __test__/soak has the long ones.
import test from 'ava'
import { coldStart, flood, rotate } from '../helpers/keys-flood.mjs'
import { rotateUnderLoad } from '../helpers/keys-rotation.mjs'

const show = (t, latency) => t.log(`latency of good tokens, ms: ${JSON.stringify(latency)}`)

test.serial('a flood of random kids costs one request per cooldown, and good tokens pass meanwhile', async (t) => {
  const { refused, accepted, seconds, fetches, mostFetches, latency } = await flood({ tokens: 5000, seconds: 2.5 })
  t.log(`5 000 tokens in ${seconds.toFixed(1)} s: ${fetches} requests, at most ${mostFetches}`)
  show(t, latency)
  t.deepEqual(refused, { ERR_TOKEN_KEY_UNKNOWN: 5000 })
  t.is(accepted, 50)
  t.true(fetches >= 3, 'unknown keys are asked for, again after a cooldown')
  t.true(fetches <= mostFetches)
  // Neither waits for the fetches that the bad ones cause.
  t.true(latency.median < 100)
})

test.serial('a thousand requests at a cold start: one fetch, all verified', async (t) => {
  const { outcomes, fetches, milliseconds } = await coldStart({ requests: 1000, delay: 200 })
  t.log(`${milliseconds.toFixed(0)} ms, of which the authority took 200`)
  t.deepEqual(outcomes, { verified: 1000 })
  t.is(fetches, 1)
})

test.serial('while a new key takes over, no good token is refused', async (t) => {
  const { outcomes, fetches, latency } = await rotate({ rotations: 2, every: 1100 })
  t.log(`${outcomes.verified} tokens, 2 rotations, ${fetches} requests`)
  show(t, latency)
  t.deepEqual(Object.keys(outcomes), ['verified'])
  t.true(outcomes.verified > 100)
  // The first fetch, and one for each new key; a second where the first was answered just before the key was there.
  t.true(fetches >= 3 && fetches <= 5)
})

test.serial('under load and with default options, each new key costs one request and no good token', async (t) => {
  const { good, refused, answers, rotations, fetches } = await rotateUnderLoad({
    seconds: 4,
    every: 1000,
    connections: 24
  })
  t.log(`${good} requests, ${rotations} rotations, ${fetches} requests to the authority`)
  t.is(refused, 0, JSON.stringify(answers))
  t.is(rotations, 4)
  t.true(fetches <= rotations + 2)
})

test.serial('one made-up kid keeps a new key out for a second or two, and the answer says so', async (t) => {
  const { refused, answers, longestOutage } = await rotateUnderLoad({
    seconds: 3,
    every: 1000,
    connections: 4,
    junk: 900
  })
  t.log(`${refused} refused for ${longestOutage.toFixed(0)} ms: ${JSON.stringify(answers)}`)
  t.true(longestOutage < 5000)
  for (const answer of Object.keys(answers)) t.regex(answer, /^503 /)
})
