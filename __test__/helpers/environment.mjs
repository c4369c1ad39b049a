// A process of its own that is configured by its environment.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = new URL('../../', import.meta.url)

/**
 * Runs code, in which `entra` is this package or another of its entries, with exactly these variables of ours, of Azure's and
 * about proxies.
 */
export function runConfigured(code, variables = {}, entry = 'index.js') {
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(AZURE|ENTRA)_|_PROXY$/i.test(name)))
  const script = `const entra = require(${JSON.stringify(fileURLToPath(new URL(entry, root)))});(async () => { ${code} })()`
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, ['-e', script], {
    env: { ...env, ...variables },
    encoding: 'utf8',
    timeout: 20_000
  })
  return { status, signal, stdout: stdout.trim(), stderr: stderr.trim() }
}

/** What configures a process to trust a test authority. */
export function variablesFor(authority) {
  return {
    AZURE_TENANT_ID: authority.tenantId,
    AZURE_CLIENT_ID: authority.api.clientId,
    AZURE_AUTHORITY_HOST: authority.url
  }
}
