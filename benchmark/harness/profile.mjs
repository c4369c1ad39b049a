/** How long everything is measured. `quick` shows that it runs, not how fast. */
export function profileOf(quick) {
  return quick ? QUICK : FULL
}

const FULL = {
  quick: false,
  timeout: 30 * 60_000,
  verify: {
    rounds: 200,
    warmUpRounds: 20,
    batchMilliseconds: 2,
    distinct: [1, 50, 1000],
    manyDistinct: 100_000,
    sizes: [1000, 1400, 2000, 4000, 8000, 16_000]
  },
  peers: { rounds: 200, warmUpRounds: 20, batchMilliseconds: 2, distinct: 200 },
  refusals: { rounds: 200, warmUpRounds: 20, batchMilliseconds: 2 },
  http: {
    rounds: 15,
    warmUpRounds: 1,
    closeProcesses: 16,
    closeRounds: 3,
    seconds: 0.5,
    connections: [1, 64],
    distinct: 50
  },
  frameworks: {
    rounds: 10,
    warmUpRounds: 1,
    closeProcesses: 8,
    closeRounds: 3,
    seconds: 0.5,
    connections: [1, 64],
    distinct: 50
  },
  eventLoop: { rounds: 3, seconds: 3, settle: 31_000, connections: 64, distinct: 50, keyDelay: 200 },
  scaling: { rounds: 7, milliseconds: 500, counts: [1, 2, 4], distinct: 500 },
  memory: { checkpoints: [1000, 10_000, 100_000, 300_000, 1_000_000] },
  coldStart: { rounds: 15, warmUpRounds: 1 }
}

const QUICK = {
  quick: true,
  timeout: 3 * 60_000,
  verify: {
    rounds: 5,
    warmUpRounds: 1,
    batchMilliseconds: 1,
    distinct: [1, 50],
    manyDistinct: 2000,
    sizes: [1000, 16_000]
  },
  peers: { rounds: 5, warmUpRounds: 1, batchMilliseconds: 1, distinct: 10 },
  refusals: { rounds: 5, warmUpRounds: 1, batchMilliseconds: 1 },
  http: {
    rounds: 1,
    warmUpRounds: 0,
    closeProcesses: 1,
    closeRounds: 1,
    seconds: 0.4,
    connections: [1, 8],
    distinct: 10
  },
  frameworks: {
    rounds: 1,
    warmUpRounds: 0,
    closeProcesses: 1,
    closeRounds: 1,
    seconds: 0.4,
    connections: [1, 8],
    distinct: 10
  },
  eventLoop: { rounds: 1, seconds: 0.5, settle: 0, connections: 8, distinct: 10, keyDelay: 50 },
  scaling: { rounds: 1, milliseconds: 50, counts: [1, 2], distinct: 50 },
  memory: { checkpoints: [200, 1000, 3000] },
  coldStart: { rounds: 1, warmUpRounds: 0 }
}
