// What the verifier counts, for Prometheus and for OpenTelemetry.
//
//   import { prometheusMetrics, openTelemetryMetrics } from './metrics.mjs'
//   prometheusMetrics(middleware.verifier, promClient)
//   openTelemetryMetrics(middleware.verifier, metrics.getMeter('entra-jwt-verify'))
//
// Counters are read when they are scraped, from `stats()`. Verdicts are counted as they happen, from the
// diagnostics channel, which costs nothing until somebody subscribes.
import { subscribe, unsubscribe } from 'node:diagnostics_channel'

const VERDICTS = 'entra-jwt-verify:verify'

/** Gauges and counters by name: what they mean, and how they are read from `stats()`. */
const READINGS = {
  entra_signing_keys: ['Signing keys at hand', (stats) => stats.keys.length],
  entra_signing_keys_age_seconds: ['Seconds since keys were last fetched', (stats) => age(stats.lastSuccess)],
  entra_key_fetches: ['Fetches of signing keys', (stats) => stats.fetches],
  entra_key_fetch_failures: ['Fetches of signing keys that failed', (stats) => stats.failures],
  entra_stale_serves: ['Requests served with keys whose refresh was due', (stats) => stats.staleServes],
  entra_token_cache_hits: ['Tokens that were verified before', (stats) => stats.tokenCache.hits],
  entra_token_cache_misses: ['Tokens that had to be verified', (stats) => stats.tokenCache.misses]
}

/** Registers with prom-client's default registry. Returns a function that stops counting verdicts. */
export function prometheusMetrics(verifier, { Counter, Gauge }) {
  for (const [name, [help, read]] of Object.entries(READINGS)) {
    new Gauge({
      name,
      help,
      collect() {
        this.set(read(verifier.stats()))
      }
    })
  }
  const verdicts = new Counter({ name: 'entra_verdicts_total', help: 'Tokens judged', labelNames: ['code'] })
  return countVerdicts((code) => verdicts.inc({ code }))
}

/** Registers with a meter of @opentelemetry/api. Returns a function that stops counting verdicts. */
export function openTelemetryMetrics(verifier, meter) {
  for (const [name, [description, read]] of Object.entries(READINGS)) {
    meter.createObservableGauge(name, { description }).addCallback((result) => result.observe(read(verifier.stats())))
  }
  const verdicts = meter.createCounter('entra_verdicts', { description: 'Tokens judged' })
  return countVerdicts((code) => verdicts.add(1, { code }))
}

function countVerdicts(count) {
  const onVerdict = ({ code = 'ok' }) => count(code)
  subscribe(VERDICTS, onVerdict)
  return () => unsubscribe(VERDICTS, onVerdict)
}

/** Infinity before the first fetch: older than anything one could alert on. */
function age(date) {
  return date === undefined ? Number.POSITIVE_INFINITY : (Date.now() - date.getTime()) / 1000
}
