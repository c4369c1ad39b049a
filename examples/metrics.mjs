// Metrics of a verifier for Prometheus and OpenTelemetry.
//
//   import { prometheusMetrics, openTelemetryMetrics } from './metrics.mjs'
//   prometheusMetrics(middleware.verifier, promClient)
//   openTelemetryMetrics(middleware.verifier, metrics.getMeter('entra-jwt-verify'))
//
// Counters and gauges are read from `stats()` when they are scraped. Verdicts are counted as they happen, from the
// diagnostics channel, which has no cost without a subscriber.
import { subscribe, unsubscribe } from 'node:diagnostics_channel'

const VERDICTS = 'entra-jwt-verify:verify'

/** Values that only grow: description, and how to read them from `stats()`. */
const COUNTERS = {
  entra_key_fetches: ['Fetches of signing keys', (stats) => stats.fetches],
  entra_key_fetch_failures: ['Fetches of signing keys that failed', (stats) => stats.failures],
  entra_stale_serves: ['Requests served with keys whose refresh was due', (stats) => stats.staleServes],
  entra_token_cache_hits: ['Tokens that were verified before', (stats) => stats.tokenCache.hits],
  entra_token_cache_misses: ['Tokens that had to be verified', (stats) => stats.tokenCache.misses]
}

/** Values that grow and shrink. */
const GAUGES = {
  entra_signing_keys: ['Cached signing keys', (stats) => stats.keys.length],
  entra_signing_keys_age_seconds: ['Seconds since keys were last fetched', (stats) => age(stats.lastSuccess)],
  entra_clock_ahead_seconds: [
    "Seconds that this host's clock is ahead of the authority's",
    (stats) => stats.secondsAheadOfAuthority ?? 0
  ]
}

/** Registers with prom-client's default registry. Returns a function that stops counting verdicts. */
export function prometheusMetrics(verifier, { Counter, Gauge }) {
  for (const [name, [help, read]] of Object.entries(GAUGES)) {
    new Gauge({
      name,
      help,
      collect() {
        this.set(read(verifier.stats()))
      }
    })
  }
  for (const [name, [help, read]] of Object.entries(COUNTERS)) {
    // The names of Prometheus' counters end in _total.
    new Counter({
      name: `${name}_total`,
      help,
      collect() {
        this.reset()
        this.inc(read(verifier.stats()))
      }
    })
  }
  const verdicts = new Counter({
    name: 'entra_verdicts_total',
    help: 'Verified tokens and rejections',
    labelNames: ['code']
  })
  return countVerdicts((code) => verdicts.inc({ code }))
}

/** Registers with a meter of @opentelemetry/api. Returns a function that stops counting verdicts. */
export function openTelemetryMetrics(verifier, meter) {
  const observe = (instrument, read) => instrument.addCallback((result) => result.observe(read(verifier.stats())))
  for (const [name, [description, read]] of Object.entries(GAUGES)) {
    observe(meter.createObservableGauge(name, { description }), read)
  }
  for (const [name, [description, read]] of Object.entries(COUNTERS)) {
    observe(meter.createObservableCounter(name, { description }), read)
  }
  const verdicts = meter.createCounter('entra_verdicts', { description: 'Verified tokens and rejections' })
  return countVerdicts((code) => verdicts.add(1, { code }))
}

function countVerdicts(count) {
  const onVerdict = ({ code = 'ok' }) => count(code)
  subscribe(VERDICTS, onVerdict)
  return () => unsubscribe(VERDICTS, onVerdict)
}

/** Infinity before the first fetch, so that any alert on the age fires. */
function age(date) {
  return date === undefined ? Number.POSITIVE_INFINITY : (Date.now() - date.getTime()) / 1000
}
