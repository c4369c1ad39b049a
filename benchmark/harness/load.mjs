import autocannon from 'autocannon'

/**
 * Loads a server over keep-alive connections, each sending its next request when the answer to the last one is there.
 *
 * @param {{ url: string, tokens?: string[], connections: number, seconds: number }} options
 */
export async function load({ url, tokens, connections, seconds }) {
  const latencies = []
  const start = performance.now()
  let warm
  let last
  const run = autocannon({
    url,
    connections,
    duration: seconds,
    // How often autocannon looks whether the time is over.
    sampleInt: 50,
    requests: tokens?.map((token) => ({ headers: { authorization: `Bearer ${token}` } }))
  })
  // autocannon's own histogram counts whole milliseconds, most answers take less than one.
  run.on('response', (_client, _status, _bytes, milliseconds) => {
    last = performance.now()
    if (latencies.push(milliseconds) === connections) warm = last
  })
  const { non2xx, errors, timeouts } = await run
  if (latencies.length === 0) throw new Error(`no answer from ${url}`)
  // The time to connect does not count, where there is enough left to count.
  const counted = latencies.length > 2 * connections ? latencies.length - connections : latencies.length
  latencies.sort((a, b) => a - b)
  const at = (fraction) => latencies[Math.ceil(latencies.length * fraction) - 1]
  return {
    perSecond: (1000 * counted) / (last - (counted < latencies.length ? warm : start)),
    milliseconds: { p50: at(0.5), p99: at(0.99), 'p99.9': at(0.999), max: latencies.at(-1) },
    answers: latencies.length,
    failed: non2xx + errors + timeouts
  }
}
