// The example that README.md points to, with the real libraries.
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader
} from '@opentelemetry/sdk-metrics'
import test from 'ava'
import { createVerifier } from 'entra-jwt-verify'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import promClient from 'prom-client'
import { openTelemetryMetrics, prometheusMetrics } from '../../examples/metrics.mjs'

async function verifierWithHistory(t) {
  const authority = await startTestAuthority({ quiet: true })
  t.teardown(() => authority.close())
  const verifier = createVerifier({
    tenantId: authority.tenantId,
    clientId: authority.api.clientId,
    authorityHost: authority.url
  })
  const run = async () => {
    const token = authority.issueToken()
    await verifier.verify(token)
    await verifier.verify(token)
    await verifier.verify(authority.issueToken({ expiresIn: -1 })).catch(() => undefined)
  }
  return { verifier, run }
}

test.serial('Prometheus scrapes keys, fetches, cache hits and verdicts', async (t) => {
  const { verifier, run } = await verifierWithHistory(t)
  t.teardown(prometheusMetrics(verifier, promClient))
  await run()
  const text = await promClient.register.metrics()
  for (const line of [
    'entra_signing_keys 2',
    'entra_key_fetches_total 1',
    '# TYPE entra_key_fetches_total counter',
    'entra_key_fetch_failures_total 0',
    'entra_token_cache_hits_total 1',
    '# TYPE entra_signing_keys gauge',
    'entra_verdicts_total{code="ok"} 2',
    'entra_verdicts_total{code="ERR_TOKEN_EXPIRED"} 1'
  ]) {
    t.true(text.includes(`\n${line}\n`), line)
  }
  // Another clock's time, in whole seconds.
  t.regex(text, /\nentra_clock_ahead_seconds -?[0-9.e-]+\n/)
  t.regex(text, /\nentra_signing_keys_age_seconds [0-9.e-]+\n/)
})

test.serial('OpenTelemetry collects the same', async (t) => {
  const { verifier, run } = await verifierWithHistory(t)
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const provider = new MeterProvider({
    readers: [new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 3_600_000 })]
  })
  t.teardown(() => provider.shutdown())
  t.teardown(openTelemetryMetrics(verifier, provider.getMeter('entra-jwt-verify')))
  await run()
  await provider.forceFlush()
  const metrics = exporter.getMetrics().flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics))
  const points = (name) => metrics.find(({ descriptor }) => descriptor.name === name).dataPoints
  t.is(points('entra_key_fetches')[0].value, 1)
  const isMonotonic = (name) => metrics.find(({ descriptor }) => descriptor.name === name).isMonotonic
  t.true(isMonotonic('entra_key_fetches'))
  t.true(isMonotonic('entra_token_cache_misses'))
  t.not(isMonotonic('entra_signing_keys'), true)
  t.is(points('entra_signing_keys')[0].value, 2)
  const verdicts = Object.fromEntries(points('entra_verdicts').map(({ attributes, value }) => [attributes.code, value]))
  t.deepEqual(verdicts, { ok: 2, ERR_TOKEN_EXPIRED: 1 })
})
