// node __test__/soak/faults.mjs: every fault ten times over upon one process, which must not grow.
import assert from 'node:assert/strict'
import { expectedOutcomes, startSufferer, sufferAll, usageLike } from '../helpers/fault-runner.mjs'
import { faults } from '../helpers/keys-faults.mjs'
import { report } from '../helpers/keys-report.mjs'
import { Pool } from '../helpers/keys-setup.mjs'

const ROUNDS = 10

const pools = { plain: new Pool(), secure: new Pool() }
await Promise.all([
  pools.plain.fill(8, { uses: ROUNDS * faults.length }),
  pools.secure.fill(4, { uses: ROUNDS * faults.length, tls: true })
])
const sufferer = startSufferer()
let before
for (let round = 1; round <= ROUNDS; round++) {
  assert.deepEqual(await sufferAll(sufferer, pools), expectedOutcomes())
  // The first round is what the process needs to work at all.
  before ??= await sufferer.usage()
}
const after = await usageLike(sufferer, before)
const growth = (after.mostMemory - before.mostMemory) / 1_000_000
report(true, `${ROUNDS} × ${faults.length} faults: all ended as they have to, nothing is open or running`)
report(growth < 20, `${growth.toFixed(1)} MB more at the worst moment than in the first round`)
sufferer.end()
await Promise.all(Object.values(pools).map((pool) => pool.close()))
