// The code of the documentation runs: each JavaScript block in a process of its own, against a test authority that has the ids of
// the examples. A block with routes rejects a request without a token, in every spelling of the path, and admits one with the roles
// and scopes that it names. A route with a guard also rejects a token without these.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { createServer } from 'node:net'
import { join } from 'node:path'
import test from 'ava'
import { createVerifier } from 'entra-jwt-verify'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import { root } from '../../scripts/process.mjs'
import { codeBlocks, entryOf, fileNameOf, IDS, isAbridged } from '../helpers/docs-code.mjs'
import { sendSpelling, spellingsOf } from '../helpers/spellings.mjs'

const folder = join(root, '__test__', 'docs', 'build', 'programs')
/** What is in the folder `private` of the examples. */
const FILE = 'report.txt'

/** Blocks that are compiled and not run here, with the reason. */
const NOT_RUN = {
  'docs/mcp.md': 'its servers are run by __test__/adapters/mcp-examples.test.mjs',
  'docs/frameworks/fetch.md':
    'handlers of Next.js, Bun, Deno and others; __test__/adapters/fetch-handlers.test.mjs calls them'
}
const isOfGuide = ({ file }) => file.startsWith('docs/migrating/from-') // __test__/migrating runs them.
const needsBrowser = ({ code }) => code.includes('@azure/msal-browser')
const isTest = ({ code }) => /\bauthority\.issueToken\b|\brequest\(app/.test(code)
const needsPlugin = ({ code }) => /\bgetCookie\b|\bcors\b(?!.*from)/.test(code) && !code.includes('import cors')

const blocks = codeBlocks('js').filter(
  (block) =>
    !NOT_RUN[block.file] &&
    !isOfGuide(block) &&
    !isAbridged(block) &&
    !needsBrowser(block) &&
    !isTest(block) &&
    !needsPlugin(block)
)

test.before(async (t) => {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(join(folder, 'private'), { recursive: true })
  writeFileSync(join(folder, 'private', FILE), 'protected')
  const authority = await startTestAuthority({
    quiet: true,
    tls: true,
    tenantId: IDS.tenantId,
    otherTenants: [IDS.otherTenantId],
    apps: [
      { clientId: IDS.api, clientSecret: 'secret of the API', scopes: ['Task.Read'] },
      { clientId: IDS.client, clientSecret: 'secret of the client', roles: ['Task.Read'] },
      { appIdUri: 'https://graph.microsoft.com', scopes: ['User.Read'] }
    ]
  })
  writeFileSync(join(folder, 'ca.pem'), authority.ca)
  const verifier = createVerifier({ ...optionsFor(authority), ca: authority.ca, keys: { timeout: 60 } })
  await verifier.preload()
  writeFileSync(join(folder, 'keys.json'), JSON.stringify(verifier.exportKeys()))
  t.context = { authority, graph: await startGraph() }
})

test.after.always(async (t) => {
  t.context.graph.close()
  await t.context.authority.close()
})

function optionsFor(authority) {
  return { tenantId: IDS.tenantId, clientId: IDS.api, authorityHost: authority.url }
}

for (const block of blocks) {
  // One after the other: each is a process.
  test.serial(`${block.file}:${block.line} runs`, async (t) => {
    const { authority } = t.context
    const { url, output } = await running(t, block)
    // A client says how it was answered.
    t.notRegex(output, /\b(?:[45]\d\d|Error)\b/)
    const tokens = fittingTokens(authority, block.code)
    for (const [method, path, isGuarded] of routesOf(block.code)) {
      const send = async (authorization) => {
        const headers = authorization === undefined ? {} : { authorization }
        const { status, headers: answered } = await fetch(url + path, { method, headers })
        return { status, challenge: answered.get('www-authenticate') }
      }
      const stranger = await send(undefined)
      if (isPublic(path, block.code)) t.is(stranger.status, 200, path)
      else t.regex(`${stranger.status} ${stranger.challenge}`, /^(?:401|403) Bearer/, path)
      const statuses = await Promise.all(tokens.map(async (token) => (await send(`Bearer ${token}`)).status))
      t.true(
        statuses.some((status) => status < 400),
        `${method} ${path}: ${statuses}`
      )
      if (method !== 'GET' || isPublic(path, block.code)) continue
      const strangers = [undefined, ...(isGuarded ? [`Bearer ${authority.issueToken({ audience: IDS.api })}`] : [])]
      for (const authorization of strangers) {
        for (const spelling of [path, ...spellingsOf(path)]) {
          const { status } = await sendSpelling(url, spelling, authorization)
          t.true(status >= 400, `${spelling}: ${status}`)
        }
      }
    }
  })
}

test('most blocks run', (t) => {
  t.true(blocks.length > 40, String(blocks.length))
  t.true(blocks.filter(({ code }) => routesOf(code).length > 0).length > 12)
})

const isPublic = (path, code) => /^\/(?:health|\.well-known)/.test(path) || code.includes('optional: true')

/** The routes of a block, and a file of each folder that it serves, as requests; and whether a route has a guard. */
function routesOf(code) {
  const routers = new Map([
    ['app', ''],
    ['router', '']
  ])
  const requests = []
  for (const [, prefix, part] of code.matchAll(/\.(?:use|route)\('([^']+)',(?: \w+,)* (.+)\)$/gm)) {
    if (part.startsWith('express.static(')) requests.push(['GET', `${prefix}/${FILE}`, false])
    else routers.set(/^\w+/.exec(part)?.[0], prefix)
  }
  const routes = code.matchAll(/\b(\w+)\.(get|post|put|delete|all)\(\s*'([^']+)'(, require\w+\()?/g)
  for (const [, name, method, path, guard] of routes) {
    if (!routers.has(name)) continue
    const url = routers.get(name) + path.replace(/:\w+/, '1')
    requests.push([method === 'all' ? 'GET' : method.toUpperCase(), url, guard !== undefined])
  }
  return requests
}

/** Tokens of an application and of a user that have every role, scope, group and authentication context of a block. */
function fittingTokens(authority, code) {
  const permissions = [...code.matchAll(/'([A-Z]\w*\.[\w.]+)'/g)].map(([, name]) => name)
  const claims = {
    groups: [...code.matchAll(/requireGroup\('([^']+)'/g)].map(([, id]) => id),
    acrs: [...code.matchAll(/'(c\d\d?)'/g)].map(([, id]) => id)
  }
  const audience = IDS.api
  return [
    authority.issueToken({ audience, roles: permissions, claims }),
    authority.issueToken({ audience, scopes: permissions, roles: permissions, claims })
  ]
}

/** Starts a block; resolves to the URL of its application, if it has one, and what it printed. */
async function running(t, block) {
  const { authority, graph } = t.context
  const port = await freePort()
  const file = join(folder, fileNameOf(block))
  // Whatever application it makes is called from outside.
  const exported = /\bconst app = /.test(block.code) ? '\nglobalThis.app = app\n' : ''
  writeFileSync(file, '\n'.repeat(block.line - 1) + onThisMachine(block.code, authority, graph, port) + exported)
  const child = spawn(
    process.execPath,
    [join(root, '__test__', 'docs', 'run-block.mjs'), entryOf(block.file), file, port, block.code],
    { cwd: folder, env: environment(authority), stdio: ['ignore', 'pipe', 'pipe'] }
  )
  t.teardown(() => child.kill())
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text))
  const ended = once(child, 'exit').then(([code, signal]) => `ended with ${code ?? signal}`)
  while (!/^ready$/m.test(output)) {
    const what = await Promise.race([ended, once(child.stdout, 'data')])
    if (typeof what === 'string' && !/^ready$/m.test(output)) throw new Error(`it ${what}:\n${output}`)
  }
  return { url: `http://127.0.0.1:${port}`, output }
}

/** The code with hosts and ports of this machine, and MSAL told not to ask Microsoft about them. */
function onThisMachine(code, authority, graph, port) {
  return code
    .replaceAll('https://login.microsoftonline.com', authority.url)
    .replaceAll('https://graph.microsoft.com/v1.0', graph.url)
    .replaceAll('http://localhost:3000', graph.url)
    .replace(/\bauth: \{/, `auth: { knownAuthorities: ['${new URL(authority.url).host}'],`)
    .replace(/\.listen\(3000\)/, `.listen(${port})`)
}

function environment(authority) {
  const own = Object.entries(process.env).filter(([name]) => !/^(?:AZURE|ENTRA)_|_PROXY$/i.test(name))
  return {
    ...Object.fromEntries(own),
    ...{ ENTRA_TENANT_ID: IDS.tenantId, ENTRA_CLIENT_ID: IDS.api, ENTRA_AUTHORITY_HOST: authority.url },
    ENTRA_CLIENT_SECRET: 'secret of the API',
    NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'),
    ...{ TENANT_ID: IDS.tenantId, API_ID: IDS.api },
    ...{ CONSUMER_ID: IDS.client, CONSUMER_SECRET: 'secret of the client' },
    TOKEN: authority.issueToken({ audience: IDS.api, roles: ['Task.Read'] })
  }
}

/** Another API, in place of Microsoft Graph and of an API of the reader: it answers whoever has a token. */
async function startGraph() {
  const server = createHttpServer(({ headers }, response) => {
    response.statusCode = headers.authorization?.startsWith('Bearer ey') ? 200 : 401
    response.end('{}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  return port
}
