// Writes what the fuzz targets start from: tokens of the differential test's grammar, keys and metadata of the test authority, fixtures,
// and the shared vectors where they are there. What earlier runs found stays. Nothing of it is committed.
//   node fuzz/corpus.mjs     into fuzz/corpus; `npm run fuzz:rust` does
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { sampleOf } from '../__test__/differential/grammar.mjs'
import { root } from '../scripts/process.mjs'
import { sharedFile, sharedIsMissing } from '../scripts/shared.mjs'

const TOKENS = 400

for (const [target, inputs] of Object.entries(await corpora())) {
  const folder = join(root, 'fuzz', 'corpus', target)
  mkdirSync(folder, { recursive: true })
  for (const input of inputs) writeFileSync(join(folder, createHash('sha1').update(input).digest('hex')), input)
}

/** By the name of the target. */
async function corpora() {
  const tokens = [...fromGrammar(), ...fromVectors()]
  const segments = tokens.map((token) => token.split('.').map((segment) => Buffer.from(segment, 'base64url')))
  const headers = segments.map(([header]) => header ?? '')
  const claims = segments.map(([, payload]) => payload ?? '')
  const { keySets, documents, certificates } = await fromAuthority()
  const fixture = JSON.parse(readFileSync(join(root, 'benches', 'token.json'), 'utf8'))
  return {
    token: [fixture.token, ...tokens],
    compact: tokens,
    header: headers,
    claims,
    json: [...headers, ...claims, ...documents],
    key_set: [JSON.stringify(fixture.jwks), ...keySets],
    metadata: documents,
    certificate: certificates
  }
}

function fromGrammar() {
  return Array.from({ length: TOKENS }, (_, seed) => sampleOf(seed).token)
}

/** @returns {string[]} */
function fromVectors() {
  const folder = sharedFile('vectors')
  if (sharedIsMissing || !existsSync(folder)) return []
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'))
  return files.flatMap((file) => {
    /** @type {{ cases?: { token_segments?: string[] }[] }} */
    const { cases = [] } = JSON.parse(readFileSync(join(folder, file), 'utf8'))
    return cases.flatMap(({ token_segments: segments }) => (Array.isArray(segments) ? [segments.join('.')] : []))
  })
}

async function fromAuthority() {
  const { startTestAuthority } = createRequire(import.meta.url)('../testing/index.js')
  const authority = await startTestAuthority({ quiet: true })
  try {
    const paths = ['discovery/keys', 'discovery/v2.0/keys', 'v2.0/.well-known/openid-configuration']
    const texts = await Promise.all(
      paths.map(async (path) => (await fetch(`${authority.url}/${authority.tenantId}/${path}`)).text())
    )
    const keySets = texts.slice(0, 2)
    const certificates = keySets
      .flatMap((text) => JSON.parse(text).keys)
      .flatMap(({ x5c = [] }) => x5c.map((/** @type {string} */ der) => Buffer.from(der, 'base64')))
    return { keySets, documents: texts.slice(2), certificates }
  } finally {
    await authority.close()
  }
}
