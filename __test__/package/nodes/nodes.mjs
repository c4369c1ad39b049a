// On each major version of Node.js: what it trusts, the core trusts (flags, NODE_OPTIONS and tls.setDefaultCACertificates, with real
// TLS and what https says in the same process), and worker threads may end at any time. `npm test` installs what is needed; `node --test __test__/package/nodes/nodes.mjs`.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { startTestAuthority } from '../../../testing/index.js'
import { cleanEnvironment } from '../../helpers/keys-setup.mjs'

const folder = dirname(fileURLToPath(import.meta.url))
const root = join(folder, '..', '..', '..')
const nodeOf = (name) => join(folder, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')

const NODES = [
  ['this Node', process.execPath],
  ['Node 22', nodeOf('node22')],
  ['Node 24', nodeOf('node24')],
  ['Node 26', nodeOf('node26')]
]

/** npm may be told to run no install scripts, and this package gets its executable by one. */
const skip = (node) => (existsSync(node) ? false : 'npm has not run the install script of this Node')

const NOTHING = { SSL_CERT_FILE: '/nonexistent', SSL_CERT_DIR: '/nonexistent' }

let authority
let scratch
let ca
before(async () => {
  authority = await startTestAuthority({ quiet: true, tls: true })
  scratch = mkdtempSync(join(tmpdir(), 'entra-jwt-verify-'))
  ca = join(scratch, 'ca.pem')
  writeFileSync(ca, authority.ca)
})
after(async () => {
  await authority.close()
  rmSync(scratch, { recursive: true })
})

const ENDED_PHASES = join(root, '__test__', 'helpers', 'keys-ended-phases.mjs')

for (const [name, node] of NODES) {
  test(`${name}: a worker that ends in whatever phase of a verification harms nobody`, {
    skip: skip(node)
  }, async () => {
    const { stdout } = await promisify(execFile)(node, [ENDED_PHASES, '4'], { cwd: root, env: cleanEnvironment() })
    for (const [phase, afterwards] of Object.entries(JSON.parse(stdout))) {
      assert.deepEqual(afterwards, ['verified', 'verified'], phase)
    }
  })
}

/** What https and the core say of the authority; `first` runs before. */
async function ask(node, { args = [], env = {}, first = '' }) {
  const { tenantId, url, api } = authority
  const options = { tenantId, clientId: api.clientId, authorityHost: url, proxy: false }
  const code = `${first}
    const { createVerifier } = require(${JSON.stringify(root)})
    const https = new Promise((resolve) => require('node:https').get('${url}', (response) => {
      response.resume()
      resolve('trusted')
    }).on('error', () => resolve('refused')))
    const core = createVerifier(${JSON.stringify(options)}).preload().then(() => 'trusted', ({ message }) =>
      /certificate/.test(message) ? 'refused' : message)
    Promise.all([https, core]).then((said) => console.log(said.join(' ')))`
  const { stdout } = await promisify(execFile)(node, [...args, '-e', code], { env: { ...cleanEnvironment(), ...env } })
  const [https, core] = stdout.trim().split(' ')
  return { https, core }
}

const trusted = { https: 'trusted', core: 'trusted' }
const refused = { https: 'refused', core: 'refused' }

for (const [name, node] of NODES) {
  test(`${name}: trusts what it is told to, and nothing else`, { skip: skip(node) }, async () => {
    const store = { SSL_CERT_FILE: ca }
    for (const [setUp, expected] of [
      [{ env: store }, refused],
      [{ args: ['--use-openssl-ca'], env: store }, trusted],
      [{ env: { ...store, NODE_OPTIONS: '"--use-openssl-ca"' } }, trusted],
      [{ args: ['--use-openssl-ca'], env: NOTHING }, refused],
      [{ args: ['--use-openssl-ca'], env: { ...NOTHING, NODE_EXTRA_CA_CERTS: ca } }, trusted],
      [{ args: ['--use-bundled-ca'], env: store }, refused],
      [{ env: { NODE_EXTRA_CA_CERTS: ca } }, trusted]
    ]) {
      assert.deepEqual(await ask(node, setUp), expected, JSON.stringify(setUp))
    }
  })
}

for (const [name, node] of NODES.slice(1)) {
  test(`${name}: --use-system-ca and tls.setDefaultCACertificates`, { skip: skip(node) }, async () => {
    const set = (list) => `require('node:tls').setDefaultCACertificates(${list})`
    const authorityAlone = set(JSON.stringify([authority.ca]))
    const bundledAlone = set("require('node:tls').rootCertificates")
    // Windows and macOS have stores of their own.
    const system =
      process.platform === 'linux' ? [[{ args: ['--use-system-ca'], env: { SSL_CERT_FILE: ca } }, trusted]] : []
    for (const [setUp, expected] of [
      [{ first: authorityAlone, env: NOTHING }, trusted],
      [{ first: authorityAlone, args: ['--use-openssl-ca'], env: NOTHING }, trusted],
      [{ first: bundledAlone, args: ['--use-openssl-ca'], env: { SSL_CERT_FILE: ca } }, refused],
      ...system
    ]) {
      assert.deepEqual(await ask(node, setUp), expected, JSON.stringify(setUp))
    }
  })
}
