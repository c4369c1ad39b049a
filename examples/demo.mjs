// npm run demo
//
// An Express 5 application behind `app.use(checkAuthToken)`, called the way an external application calls it: with a
// token that it got from the token endpoint by client credentials. Each row is one request; the demo fails if one
// answer is not the expected one.
//
// It talks to a test authority on this machine. With ENTRA_TENANT_ID, ENTRA_CLIENT_ID, ENTRA_AUDIENCE and, for the
// consumer, ENTRA_CLIENT_SECRET set it talks to that tenant, and leaves out what only a test authority can be made
// to do.
import { once } from 'node:events'
import { inspect } from 'node:util'
import express from 'express'

const real = ['ENTRA_TENANT_ID', 'ENTRA_CLIENT_ID', 'ENTRA_CLIENT_SECRET', 'ENTRA_AUDIENCE'].every(
  (name) => process.env[name]
)
const authority = real ? undefined : await startAuthority()

// Loaded now, when the environment is complete, as in any application.
const { checkAuthToken } = await import('../index.js')

const app = express()
app.use(checkAuthToken)
app.get('/tasks', (req, res) => res.json({ client: req.auth.clientId, roles: req.auth.roles }))
const server = app.listen(0, '127.0.0.1')
await once(server, 'listening')
const url = `http://127.0.0.1:${server.address().port}/tasks`

// The audience may be a list; the first App ID URI in it is what the client asks for.
const resource = process.env.ENTRA_AUDIENCE.split(',')[0].trim()
const token = await requestToken()

const OK = /^\{"client":"[0-9a-f-]{36}","roles":\[/
const UNAUTHORIZED = /^Unauthorized$/
const EXPIRED_OR_AUDIENCE = /^Either token has expired, or wrong audience$/
const message = (text) => new RegExp(`^Internal Server Error, ${text}`)

// console.error is where the middleware's errors go; here they are part of the show.
const logged = []
console.error = (...parts) => logged.push(parts)

const rows = []
await call('no token', undefined, 401, UNAUTHORIZED, 'nothing passes without a token')
await call('token from the token endpoint', token, 200, OK, 'client credentials, verified')
await call('the same token again', token, 200, OK, 'keys are at hand')
await call('one character changed', tampered(token), 500, message('invalid signature'), 'signature')
await call('alg: none', unsigned(token), 500, message('invalid algorithm'), 'the token does not choose')
if (authority) await callTestAuthority(authority)

const refused500 = rows.filter((row) => row.status === 500).length
rows.push({
  request: 'errors logged',
  status: '-',
  body: String(logged.length),
  shows: 'one for each 500, none with a token in it',
  expected: logged.length === refused500 && !logged.flat().some((part) => inspect(part).includes(token))
})

print(rows)
server.close()
server.closeAllConnections()
await authority?.close()
const wrong = rows.filter((row) => !row.expected).length
console.log(
  wrong ? `${wrong} of ${rows.length} answers are not as expected` : `${rows.length} answers, all as expected`
)
process.exitCode = wrong ? 1 : 0

async function callTestAuthority(authority) {
  const issue = (overrides) => authority.issueToken({ audience: authority.api.appIdUri, ...overrides })
  await call('expired a second ago', issue({ expiresIn: -1 }), 401, EXPIRED_OR_AUDIENCE, 'no leeway by default')
  await call('valid in an hour', issue({ claims: { nbf: now() + 3600 } }), 500, message('jwt not active'), 'nbf')
  await call('for another API', issue({ audience: 'api://another' }), 401, EXPIRED_OR_AUDIENCE, 'audience')
  const otherTenant = issue({ tenantId: crypto.randomUUID() })
  await call('from another tenant', otherTenant, 401, UNAUTHORIZED, 'the same keys sign for every tenant')
  const idToken = issue({ idToken: true, audience: authority.api.clientId })
  await call('an id token', idToken, 401, UNAUTHORIZED, 'names no client')

  const before = authority.requestsTo('keys').length
  await authority.rotateKeys()
  await call('signed with a new key', issue(), 200, OK, 'unknown kid: one fetch, then verified')
  await call('signed with the old key', token, 200, OK, 'old keys stay: Entra brings them back')
  rows.push({
    request: 'key fetches for both',
    status: '-',
    body: `${authority.requestsTo('keys').length - before}`,
    shows: 'one, however many requests wait',
    expected: authority.requestsTo('keys').length - before === 1
  })

  await authority.stop()
  await call('authority down', issue(), 200, OK, 'keys at hand go on')
  await authority.rotateKeys()
  await call('down, unknown key', issue(), 500, message('signing keys unavailable'), 'answered at once, nothing hangs')
}

async function call(request, bearer, status, body, shows) {
  const headers = bearer === undefined ? {} : { Authorization: `Bearer ${bearer}` }
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(10_000) })
  const text = await response.text()
  rows.push({
    request,
    status: response.status,
    body: text,
    shows,
    expected: response.status === status && body.test(text)
  })
}

/** What an external application does: POST a form, get JSON (RFC 6749, section 4.4). */
async function requestToken() {
  const host = process.env.ENTRA_AUTHORITY_HOST ?? 'https://login.microsoftonline.com'
  const client = authority?.client ?? {
    clientId: process.env.ENTRA_CLIENT_ID,
    clientSecret: process.env.ENTRA_CLIENT_SECRET
  }
  const response = await fetch(`${host}/${process.env.ENTRA_TENANT_ID}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: client.clientId,
      client_secret: client.clientSecret,
      scope: `${resource}/.default`
    })
  })
  const answer = await response.json()
  if (!response.ok) throw new Error(`no token: ${answer.error_description}`)
  return answer.access_token
}

async function startAuthority() {
  const { default: testing } = await import('../testing/index.js')
  const authority = await testing.startTestAuthority({
    quiet: true,
    apps: [{ name: 'tasks API' }, { name: 'consumer', clientSecret: crypto.randomUUID(), roles: ['Task.Read'] }]
  })
  console.log(`Test authority at ${authority.url}, never for production. Application with app.use(checkAuthToken).\n`)
  process.env.ENTRA_TENANT_ID = authority.tenantId
  process.env.ENTRA_CLIENT_ID = authority.api.clientId
  process.env.ENTRA_AUDIENCE = `${authority.api.appIdUri},${authority.api.clientId}`
  process.env.ENTRA_AUTHORITY_HOST = authority.url
  delete process.env.ENTRA_AUTHORITY
  return authority
}

/** Another signature: the first character of its segment changed. */
function tampered(jwt) {
  const [header, payload, signature] = jwt.split('.')
  return [header, payload, (signature[0] === 'A' ? 'B' : 'A') + signature.slice(1)].join('.')
}

function unsigned(jwt) {
  const header = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')
  return `${header}.${jwt.split('.')[1]}.AA`
}

function now() {
  return Math.floor(Date.now() / 1000)
}

function print(rows) {
  const short = (text) => (text.length > 58 ? `${text.slice(0, 57)}…` : text)
  const table = rows.map((row) => [
    row.request,
    String(row.status),
    short(row.body),
    row.shows,
    row.expected ? 'ok' : 'NOT EXPECTED'
  ])
  const all = [['request', 'status', 'body', 'shows', ''], ...table]
  const widths = all[0].map((_, column) => Math.max(...all.map((row) => row[column].length)))
  for (const row of all)
    console.log(
      row
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd()
    )
  console.log()
}
