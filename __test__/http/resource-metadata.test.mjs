// OAuth 2.0 Protected Resource Metadata (RFC 9728): the challenge points to it, a handler serves it.
import test from 'ava'
import { AuthError, createCheckAuthToken, requireRole } from 'entra-jwt-verify'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import express5 from 'express'
import express4 from 'express4'
import { serve } from '../helpers/app.mjs'
import { parseChallenge } from '../helpers/challenge.mjs'
import { optionsFor, start } from '../helpers/start.mjs'

test.before(async (t) => {
  t.context.authority = await startTestAuthority({ quiet: true })
})
test.after.always((t) => t.context.authority.close())

const RESOURCE = 'https://api.example/mcp'
const URL_OF_METADATA = 'https://api.example/.well-known/oauth-protected-resource/mcp'

const make = (authority, resourceMetadata, more) =>
  createCheckAuthToken({ ...optionsFor(authority), logger: false, resourceMetadata, ...more })

/** The document that a middleware serves. */
async function documentOf(t, middleware) {
  const { body } = await (await serve(t, (req, res) => middleware.resourceMetadata(req, res)))()
  return JSON.parse(body)
}

/** Where the challenge of a middleware points to. */
async function pointsTo(t, middleware) {
  const { headers } = await (await serve(t, (req, res) => middleware(req, res, t.fail)))()
  return parseChallenge(headers.get('www-authenticate')).resource_metadata
}

test('every challenge points to the metadata, the bare one too, in each way to answer', async (t) => {
  const { authority } = t.context
  const missing = undefined
  const expired = `Bearer ${authority.issueToken({ expiresIn: -1 })}`
  const roleless = `Bearer ${authority.issueToken()}`
  for (const express of [express5, express4]) {
    for (const responses of ['classic', 'rfc6750', 'next']) {
      const app = express()
      app.get('/', make(authority, { resource: RESOURCE }, { responses }), requireRole('Task.Read'))
      const send = await serve(t, app)
      for (const [authorization, status, error] of [
        [missing, 401, undefined],
        ['Bearer', responses === 'classic' ? 401 : 400, responses === 'classic' ? undefined : 'invalid_request'],
        [expired, 401, 'invalid_token'],
        [roleless, 403, 'insufficient_scope']
      ]) {
        const answer = await send(authorization)
        const challenge = parseChallenge(answer.headers.get('www-authenticate'))
        t.is(answer.status, status, `${responses} ${error}`)
        t.is(challenge.error, error, responses)
        t.is(challenge.resource_metadata, URL_OF_METADATA, `${responses} ${error}`)
      }
    }
  }
})

test('without the option no challenge does, and there is no handler', async (t) => {
  const { authority } = t.context
  for (const nothing of [undefined, null]) {
    const middleware = make(authority, nothing)
    t.is(await pointsTo(t, middleware), undefined)
    t.is(middleware.resourceMetadata, undefined)
  }
})

test('an answer without a challenge gets none', async (t) => {
  const { authority, middleware } = await start(t)
  await authority.stop()
  const send = await serve(t, (req, res) =>
    middleware({ responses: 'rfc6750', resourceMetadata: { resource: RESOURCE } })(req, res, t.fail)
  )
  const answer = await send(`Bearer ${authority.issueToken()}`)
  t.is(answer.status, 503)
  t.is(answer.headers.get('www-authenticate'), null)
})

test('the handler serves the document of RFC 9728, section 2, to pages of any origin', async (t) => {
  const { authority } = t.context
  const middleware = make(authority, {
    resource: RESOURCE,
    scopes: ['api://tasks/Task.Read', 'api://tasks/Task.Write'],
    name: 'Täsks',
    documentation: 'https://api.example/docs'
  })
  for (const express of [express5, express4]) {
    const app = express()
    app.get('/.well-known/oauth-protected-resource/mcp', middleware.resourceMetadata)
    app.use(middleware)
    const send = await serve(t, (req, res) => {
      req.url = '/.well-known/oauth-protected-resource/mcp'
      app(req, res)
    })
    const answer = await send()
    t.is(answer.status, 200)
    t.is(answer.headers.get('content-type'), 'application/json')
    t.is(answer.headers.get('access-control-allow-origin'), '*')
    t.is(answer.headers.get('content-length'), String(Buffer.byteLength(answer.body)))
    t.deepEqual(JSON.parse(answer.body), {
      resource: RESOURCE,
      authorization_servers: [`${authority.url}/${authority.tenantId}/v2.0`],
      bearer_methods_supported: ['header'],
      scopes_supported: ['api://tasks/Task.Read', 'api://tasks/Task.Write'],
      resource_name: 'Täsks',
      resource_documentation: 'https://api.example/docs'
    })
    const head = await send(undefined, { method: 'HEAD' })
    t.deepEqual([head.status, head.body], [200, ''])
    t.is(head.headers.get('content-length'), answer.headers.get('content-length'))
  }
})

test('a preflight is answered for pages that send headers of their own; other methods are refused', async (t) => {
  const { authority } = t.context
  const middleware = make(authority, { resource: RESOURCE })
  for (const express of [express5, express4]) {
    const app = express()
    app.all('/', middleware.resourceMetadata)
    const send = await serve(t, app)
    const asked = {
      origin: 'http://localhost:6274',
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'mcp-protocol-version'
    }
    const preflight = await send(undefined, { method: 'OPTIONS', headers: asked })
    t.deepEqual([preflight.status, preflight.body], [204, ''])
    t.is(preflight.headers.get('access-control-allow-origin'), '*')
    t.is(preflight.headers.get('access-control-allow-headers'), '*, Authorization')
    t.regex(preflight.headers.get('access-control-allow-methods'), /\bGET\b/)

    const post = await send(undefined, { method: 'POST' })
    t.deepEqual([post.status, post.body, post.headers.get('allow')], [405, '', 'GET, HEAD, OPTIONS'])
  }
})

test('a request without a method is one for the document', (t) => {
  const { resourceMetadata } = make(t.context.authority, { resource: RESOURCE })
  const res = { setHeader() {}, end: (body) => t.is(JSON.parse(body).resource, RESOURCE) }
  t.plan(2)
  resourceMetadata({}, res)
  t.is(res.statusCode, 200)
})

test('members that were not given are not in the document', async (t) => {
  const { authority } = t.context
  // RFC 9728, section 3.2: nor are lists without values.
  for (const given of [{}, { scopes: undefined }, { scopes: [] }]) {
    t.deepEqual(Object.keys(await documentOf(t, make(authority, { resource: RESOURCE, ...given }))), [
      'resource',
      'authorization_servers',
      'bearer_methods_supported'
    ])
  }
})

test('the document is found from the resource: the well-known path stands between host and path', async (t) => {
  // RFC 9728, section 3.1
  for (const [resource, url] of [
    ['https://api.example', 'https://api.example/.well-known/oauth-protected-resource'],
    ['https://api.example/', 'https://api.example/.well-known/oauth-protected-resource'],
    ['https://api.example:8443/a/b', 'https://api.example:8443/.well-known/oauth-protected-resource/a/b'],
    ['https://api.example/a/', 'https://api.example/.well-known/oauth-protected-resource/a/'],
    ['http://127.0.0.1:3000/mcp', 'http://127.0.0.1:3000/.well-known/oauth-protected-resource/mcp']
  ]) {
    const middleware = make(t.context.authority, { resource })
    t.is(await pointsTo(t, middleware), url)
    // Section 3.3: the client compares it with what it asked for, character by character.
    t.is((await documentOf(t, middleware)).resource, resource)
  }
})

test('and between host and query', async (t) => {
  t.is(
    await pointsTo(t, make(t.context.authority, { resource: 'https://api.example/a?tenant=b' })),
    'https://api.example/.well-known/oauth-protected-resource/a?tenant=b'
  )
})

test('url says where the document is, if elsewhere', async (t) => {
  for (const [url, href] of [
    ['https://gateway.example/meta', 'https://gateway.example/meta'],
    // A header holds ASCII, and a quoted string no quotes.
    ['https://gateway.example/Täsks/"a"?b=ö', 'https://gateway.example/T%C3%A4sks/%22a%22?b=%C3%B6']
  ]) {
    t.is(await pointsTo(t, make(t.context.authority, { resource: RESOURCE, url })), href)
  }
})

test('the authorization server is whoever issues the tokens', async (t) => {
  const jwks = { keys: t.context.authority.keys.map(({ jwk }) => jwk) }
  const tenant = '7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a11'
  for (const [options, server] of [
    [{ tenantId: tenant }, `https://login.microsoftonline.com/${tenant}/v2.0`],
    [{ tenantId: 'common', allowedTenants: '*' }, 'https://login.microsoftonline.com/common/v2.0'],
    [
      { tenantId: tenant, authorityHost: 'https://login.microsoftonline.us' },
      `https://login.microsoftonline.us/${tenant}/v2.0`
    ],
    [
      { authority: `https://login.microsoftonline.com/${tenant}/v2.0` },
      `https://login.microsoftonline.com/${tenant}/v2.0`
    ],
    [{ issuer: 'https://issuer.example/' }, 'https://issuer.example/']
  ]) {
    const middleware = createCheckAuthToken({
      ...options,
      jwks,
      audience: 'a',
      resourceMetadata: { resource: RESOURCE }
    })
    t.deepEqual((await documentOf(t, middleware)).authorization_servers, [server])
  }
})

test('whether its host was written with a slash or without', async (t) => {
  const { authority } = t.context
  const middleware = make(authority, { resource: RESOURCE }, { authorityHost: `${authority.url}/` })
  t.deepEqual((await documentOf(t, middleware)).authorization_servers, [`${authority.url}/${authority.tenantId}/v2.0`])
})

test('what is no metadata is refused at construction', (t) => {
  const { authority } = t.context
  for (const wrong of [
    'https://api.example',
    true,
    false,
    5,
    [],
    {},
    { resource: undefined },
    { resource: 5 },
    { resource: '' },
    { resource: 'api.example' },
    { resource: '/mcp' },
    { resource: 'https://api.example/#fragment' },
    { resource: 'api://tasks' },
    { resource: 'javascript:alert(1)' },
    { resource: RESOURCE, url: 'meta' },
    { resource: RESOURCE, url: 5 },
    { resource: RESOURCE, url: 'https://api.example/#fragment' },
    { resource: RESOURCE, scope: ['a'] }
  ]) {
    const error = t.throws(() => make(authority, wrong), { instanceOf: AuthError, code: 'ERR_CONFIG' })
    t.regex(error?.message ?? '', /resourceMetadata/, JSON.stringify(wrong))
  }
})

test('nor is what RFC 9728 gives another type, or a resource that is not secure', (t) => {
  const { authority } = t.context
  for (const wrong of [
    { scopes: 'a b' },
    { scopes: [5] },
    { scopes: [''] },
    { name: 5 },
    { name: {} },
    { documentation: 5 },
    { documentation: 'docs' },
    { name: 1n },
    { resource: 'http://api.example/mcp' },
    { resource: 'https://user:secret@api.example/mcp' },
    { url: 'http://api.example/meta' },
    { '': 'a' }
  ]) {
    t.throws(
      () => make(authority, { resource: RESOURCE, ...wrong }),
      { instanceOf: AuthError, code: 'ERR_CONFIG' },
      Object.entries(wrong).join()
    )
  }
})
