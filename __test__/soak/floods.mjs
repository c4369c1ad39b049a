// node __test__/soak/floods.mjs: a hundred thousand unknown keys, ten thousand requests at once, rotation for a minute.
import { coldStart, flood, rotate } from '../helpers/keys-flood.mjs'
import { milliseconds, onlyVerified, report } from '../helpers/keys-report.mjs'

const tokens = 100_000
const flooded = await flood({ tokens, seconds: 65, cooldown: 30 })
report(
  flooded.refused.ERR_TOKEN_KEY_UNKNOWN === tokens,
  `${tokens} tokens with random kids in ${flooded.seconds.toFixed(1)} s: all refused`
)
report(
  flooded.fetches <= flooded.mostFetches,
  `${flooded.fetches} requests with a cooldown of 30 s, at most ${flooded.mostFetches}`
)
report(flooded.accepted === tokens / 100, `${flooded.accepted} good tokens accepted: ${milliseconds(flooded.latency)}`)

const cold = await coldStart({ requests: 10_000, delay: 1000 })
report(onlyVerified(cold.outcomes), `10000 requests at a cold start: all verified, ${cold.milliseconds.toFixed(0)} ms`)
report(cold.fetches === 1, `${cold.fetches} request`)

const rotated = await rotate({ rotations: 40, every: 1500, clients: 20 })
report(
  onlyVerified(rotated.outcomes),
  `40 rotations: ${JSON.stringify(rotated.outcomes)}, ${milliseconds(rotated.latency)}`
)
report(rotated.fetches === 41, `${rotated.fetches} requests, one for each new key`)
