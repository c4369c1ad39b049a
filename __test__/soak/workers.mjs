// node __test__/soak/workers.mjs: three hundred worker threads that end in the middle of a fetch, and as many that end in any
// other phase of a verification.
import { fileURLToPath } from 'node:url'
import { report } from '../helpers/keys-report.mjs'
import { runNode } from '../helpers/keys-setup.mjs'

const ENDED_WORKERS = fileURLToPath(new URL('../helpers/keys-ended-workers.mjs', import.meta.url))
const ENDED_PHASES = fileURLToPath(new URL('../helpers/keys-ended-phases.mjs', import.meta.url))
const ROUNDS = 30

for (const where of ['everywhere', 'in the worker alone']) {
  for (let i = 0; i < 5; i++) {
    const { code, signal, stdout, stderr } = await runNode([ENDED_WORKERS, where, String(ROUNDS)])
    const { others = [], fetched, later, inMain } = code === 0 ? JSON.parse(stdout) : {}
    report(
      code === 0 && fetched === ROUNDS && [...others, later, inMain].every((outcome) => outcome === 'verified'),
      `${ROUNDS} ended workers, addon loaded ${where}: ${fetched} requests, ${others.length + 2} others verified ${signal ?? ''}${stderr}`
    )
  }
}

// In several processes, each of which has time enough, also on a busy machine.
for (let i = 0; i < 5; i++) {
  const { code, signal, stdout, stderr } = await runNode([ENDED_PHASES, '8'])
  const phases = Object.entries(code === 0 ? JSON.parse(stdout) : {})
  const isSound =
    phases.length > 5 && phases.every(([, outcomes]) => outcomes.every((outcome) => outcome === 'verified'))
  report(isSound, `workers ended in ${phases.length} phases, 8 in each ${signal ?? ''}${stderr}`)
}
