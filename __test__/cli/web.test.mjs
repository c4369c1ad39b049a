// explain --web: who gets an answer, what the page may do, and when it ends.
import { createHash } from 'node:crypto'
import { request } from 'node:http'
import test from 'ava'
import requests from '../../lib/cli/web/requests.js'
import server from '../../lib/cli/web/server.js'
import { cli } from '../helpers/cli.mjs'
import { start } from '../helpers/start.mjs'

/** The page in this process, for an authority. */
async function setUp(t, settings) {
  const { authority, options } = await start(t)
  const page = await server.startPage(options, settings)
  t.teardown(page.close)
  return { authority, ...page }
}

/** One request with exactly these headers, which `fetch` would not all let through. */
function send(url, { method = 'GET', path = '', headers = {}, body } = {}) {
  return new Promise((resolve, reject) => {
    const sent = request(new URL(path, url), { method, headers, agent: false }, async (response) => {
      let text = ''
      for await (const chunk of response.setEncoding('utf8')) text += chunk
      resolve({ status: response.statusCode, headers: response.headers, text })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

const post = (url, path, text, headers) =>
  send(url, {
    method: 'POST',
    path,
    headers: { Origin: new URL(url).origin, 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify({ text })
  })

test('it listens on loopback, at a port and a path that nobody can guess', async (t) => {
  const { url } = await setUp(t)
  const other = await setUp(t)
  t.regex(url, /^http:\/\/127\.0\.0\.1:\d+\/[\w-]{32}\/$/)
  t.not(new URL(url).pathname, new URL(other.url).pathname)
})

test('the page may only run its own script and style, and ask its own server', async (t) => {
  const { url } = await setUp(t)
  const { status, headers, text } = await send(url)
  t.is(status, 200)
  const policy = headers['content-security-policy']
  t.regex(
    policy,
    /^default-src 'none'; script-src 'sha256-[^ ]+'; style-src 'sha256-[^ ]+'; connect-src 'self'; img-src data:;/
  )
  for (const directive of [
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'"
  ]) {
    t.true(policy.includes(directive), directive)
  }
  t.notRegex(policy, /unsafe|https?:|\*/)
  for (const [tag, pattern] of [
    ['script', /<script type="module">([\s\S]*?)<\/script>/],
    ['style', /<style>([\s\S]*?)<\/style>/]
  ]) {
    const hash = createHash('sha256').update(pattern.exec(text)[1]).digest('base64')
    t.true(policy.includes(`${tag}-src 'sha256-${hash}'`), tag)
  }
  t.is(headers['cache-control'], 'no-store')
  t.is(headers['referrer-policy'], 'no-referrer')
  t.is(headers['x-content-type-options'], 'nosniff')
  t.notRegex(text, /innerHTML|insertAdjacentHTML|document\.write|\seval\(|^(?:import|export) /m)
  t.notRegex(text, /\son\w+=|\sstyle=/)
})

test('nobody else gets an answer', async (t) => {
  const { url } = await setUp(t)
  const { origin, host, pathname } = new URL(url)
  for (const [what, answer, status] of [
    ['no secret', await send(origin, { path: '/' }), 404],
    ['a wrong secret', await send(origin, { path: `/${'x'.repeat(32)}/` }), 404],
    ['a part of it', await send(origin, { path: pathname.slice(0, -2) }), 404],
    ['another path', await send(url, { path: 'other' }), 404],
    ['another host', await send(url, { headers: { Host: 'attacker.example' } }), 421],
    ['the same address by a name', await send(url, { headers: { Host: host.replace('127.0.0.1', 'localhost') } }), 421],
    ['a question by GET', await send(url, { path: 'explain' }), 405],
    ['the page by POST', await post(url, '', 'x'), 405],
    ['no origin', await send(url, { method: 'POST', path: 'explain', body: '{}' }), 403],
    ['another origin', await post(url, 'explain', 'x', { Origin: 'https://attacker.example' }), 403],
    ['a sandboxed page', await post(url, 'doctor', '', { Origin: 'null' }), 403],
    ['a form', await post(url, 'explain', 'x', { 'Content-Type': 'text/plain' }), 415],
    [
      'a body that is no text',
      await send(url, {
        method: 'POST',
        path: 'explain',
        headers: { Origin: origin, 'Content-Type': 'application/json' },
        body: '{"text":1}'
      }),
      413
    ]
  ]) {
    t.is(answer.status, status, what)
    t.is(answer.headers['cache-control'], 'no-store', what)
    t.is(answer.headers['access-control-allow-origin'], undefined, what)
  }
})

test('an explanation has what the page shows, and says which values are personal', async (t) => {
  const { authority, url } = await setUp(t)
  const token = authority.issueToken({
    delegated: true,
    scopes: ['Task.Read'],
    claims: { name: 'Bob \u202eExample', favourite: 'tea' }
  })
  const { status, text } = await post(url, 'explain', `Authorization: Bearer ${token}`)
  t.is(status, 200)
  const { told, reason, header, claims, times, requests: ways } = JSON.parse(text)
  t.is(told.verdict, 'valid')
  t.deepEqual(reason[0], { label: 'from', text: 'the Authorization header of a request' })
  t.true(header.some(({ name, value }) => name === 'alg' && value === 'RS256'))
  const row = (name) => claims.find((claim) => claim.name === name)
  for (const name of ['aud', 'iss', 'tid', 'scp', 'exp']) t.false(row(name).personal, name)
  for (const name of ['name', 'oid', 'sub', 'upn', 'favourite']) t.true(row(name).personal, name)
  t.is(row('name').value, String.raw`Bob \u{202e}Example`)
  t.regex(row('exp').value, /^\d+ \(20.*Z\)$/)
  t.true(claims.every(({ meaning }) => meaning.length > 5))
  t.true(Math.abs(times.clockAhead) < 5 && times.expires > times.now)
  t.true(ways.every(({ title, note, text: request }) => title && note && request))
  // The token itself goes into the page only where its user put it.
  t.false(text.includes(token.split('.')[2]))
})

test('without a configuration nothing that a token says of itself can read otherwise than it is', async (t) => {
  const { authority } = await setUp(t)
  const { url, close } = await server.startPage({})
  t.teardown(close)
  const evil = 'api://\u202e\u001b[2J'
  const { text } = await post(url, 'explain', authority.issueToken({ claims: { aud: evil } }))
  const { reason } = JSON.parse(text)
  t.is(reason.find(({ label }) => label === 'for').text, String.raw`api://\u{202e}\u{1b}[2J`)
})

test('requests have the ids filled in, and no secret', (t) => {
  const identity = {
    authority: 'https://login.microsoftonline.com/7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a11/v2.0',
    appIdUri: 'api://tasks'
  }
  const azp = '9d1c7a80-2b3e-4f4a-bb0d-5c6e7f809a1b'
  const all = requests.requestsFor(identity, { azp })
  t.deepEqual(
    all.map(({ title }) => title),
    ['curl', 'MSAL, for itself', 'MSAL, for a user', 'az', 'Managed identity']
  )
  for (const { title, text } of all) {
    t.regex(text, title === 'MSAL, for a user' ? /api:\/\/tasks\/<scope>/ : /api:\/\/tasks\/\.default/)
    if (/curl|MSAL/.test(title)) t.true(text.includes(azp), title)
  }
  t.regex(
    all[0].text,
    /^curl -sS 'https:\/\/login\.microsoftonline\.com\/7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a11\/oauth2\/v2\.0\/token'/
  )
  // What was pasted may say anything: only an id gets into a command.
  for (const claims of [undefined, { azp: "'; rm -rf ~; '" }, { appid: 5 }]) {
    t.notRegex(requests.requestsFor(identity, claims)[0].text, /rm -rf|client_id=5/)
    t.regex(requests.requestsFor(identity, claims)[0].text, /"client_id=\$CLIENT_ID"/)
  }
  t.deepEqual(requests.requestsFor({ authority: 'https://auth.example', appIdUri: undefined }, {}), [])
})

test('doctor sends each step as a line, and the report as the last', async (t) => {
  const { url } = await setUp(t)
  const { status, headers, text } = await post(url, 'doctor', '')
  t.is(status, 200)
  t.is(headers['content-type'], 'application/x-ndjson')
  const lines = text.trim().split('\n').map(JSON.parse)
  const { report } = lines.pop()
  t.deepEqual(
    lines.map(({ step }) => step),
    report.steps
  )
  t.true(report.healthy)
})

test('it ends when nobody has used it for a while', async (t) => {
  const { url, ended } = await setUp(t, { idle: 400 })
  await send(url)
  await ended
  await t.throwsAsync(send(url), { code: 'ECONNREFUSED' })
})

test('a token on the command line is not for the page', async (t) => {
  const { status, stderr } = await cli(['explain', '--web', 'x'])
  t.is(status, 2)
  t.regex(stderr, /paste it into the page/)
})
