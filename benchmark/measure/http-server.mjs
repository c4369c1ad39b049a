// Runs in a child process: an Express 5 application behind one contender, behind a middleware that does nothing, or bare.
import { once } from 'node:events'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { contender } from '../contenders/index.mjs'
import { assertJudgesAlike } from '../harness/gate.mjs'
import { loadPackages } from '../harness/packages.mjs'
import { asMiddleware } from '../harness/ways.mjs'

// The timer of the histogram itself; it is taken off what is reported.
const RESOLUTION = 1

const eventLoopDelay = monitorEventLoopDelay({ resolution: RESOLUTION })
let processorTime

export default async function start({ id, world }) {
  const { express } = loadPackages(['express'])
  const app = express()
  if (id === 'empty') app.use((_req, _res, next) => next())
  else if (id !== 'bare') app.use(asMiddleware(await setUp(contender(id), world)))
  app.get('/tasks', (_req, res) => res.json({ tasks: [] }))
  // Express's own handler would print each refusal.
  app.use((error, _req, res, _next) => res.sendStatus(error.status ?? 500))
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { url: `http://127.0.0.1:${server.address().port}/tasks` }
}

export const methods = {
  /** Begins to count: the processor's time of this process, and how late its event loop is. */
  begin() {
    processorTime = process.cpuUsage()
    eventLoopDelay.reset()
    eventLoopDelay.enable()
  },
  /** Milliseconds. */
  end() {
    eventLoopDelay.disable()
    const { user, system } = process.cpuUsage(processorTime)
    const late = (nanoseconds) => Math.max(0, nanoseconds / 1e6 - RESOLUTION)
    return {
      processor: (user + system) / 1e3,
      // No median: an idle loop is sampled every millisecond and a busy one once a turn, so it tells how idle it was.
      delay: { p99: late(eventLoopDelay.percentile(99)), max: late(eventLoopDelay.max) }
    }
  }
}

async function setUp(chosen, world) {
  const instance = await chosen.setup(loadPackages(chosen.packages), world)
  await assertJudgesAlike(chosen, instance, world)
  return instance
}
