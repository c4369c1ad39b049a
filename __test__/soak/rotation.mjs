// node __test__/soak/rotation.mjs: a new signing key every 5 s for a minute, 24 connections, default options; then the same
// with a stranger who sends made-up kids.
import { report } from '../helpers/keys-report.mjs'
import { rotateUnderLoad } from '../helpers/keys-rotation.mjs'

const load = { seconds: 60, every: 5000, connections: 24 }

const calm = await rotateUnderLoad(load)
report(
  calm.refused === 0,
  `${calm.rotations} rotations: ${calm.refused} of ${calm.good} good requests refused, ${calm.fetches} requests to the authority ${JSON.stringify(calm.answers)}`
)
report(calm.fetches <= calm.rotations + 2, 'one request for each new key, and the first')

const disturbed = await rotateUnderLoad({ ...load, junk: 10_000 })
report(
  disturbed.longestOutage < 10_000,
  `with a made-up kid every 10 s: ${disturbed.refused} of ${disturbed.good} refused, a new key was kept out for ${(disturbed.longestOutage / 1000).toFixed(1)} s at most, ${disturbed.fetches} requests to the authority ${JSON.stringify(disturbed.answers)}`
)
