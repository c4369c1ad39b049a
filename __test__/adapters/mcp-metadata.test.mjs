// The metadata of a protected MCP server: where the challenge says, for pages too, and wherever the middleware is mounted.
import test from 'ava'
import { protectMcp } from 'entra-jwt-verify/mcp'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import express5 from 'express'
import express4 from 'express4'
import { parseChallenge } from '../helpers/challenge.mjs'
import { mcpOptions, post, serveMcp } from '../helpers/mcp.mjs'
import { warningsAbout } from '../helpers/warnings.mjs'

let authority
test.before(async () => {
  authority = await startTestAuthority({ quiet: true })
})
test.after.always(() => authority?.close())

const WELL_KNOWN = '/.well-known/oauth-protected-resource'

/** How each framework mounts a protection at the root, in front of a handler for everything else. */
const FRAMEWORKS = {
  'Express 5': (auth) => expressApp(express5, auth),
  'Express 4': (auth) => expressApp(express4, auth),
  'node:http': (auth) => (req, res) => auth(req, res, () => res.end('reached'))
}

/** Warnings that the metadata of a resource cannot be reached. */
const unreachable = (resource) =>
  warningsAbout(new URL(`${WELL_KNOWN}/mcp`, resource).href, 'ENTRA_JWT_VERIFY_MCP_METADATA')

const expressApp = (express, ...handlers) => express().use(...handlers, (_req, res) => res.end('reached'))

/** An MCP server's URL, what its challenge points to, and its document. */
async function discovered(resource) {
  const answer = await post(resource)
  const { resource_metadata: url, scope } = parseChallenge(answer.headers.get('www-authenticate'))
  return { url, scope, document: await fetch(url) }
}

const serve = (t, path, framework = FRAMEWORKS['Express 5'], options) =>
  serveMcp(t, (resource) => framework(protectMcp(mcpOptions(authority, resource, options))), path)

for (const [name, framework] of Object.entries(FRAMEWORKS)) {
  test(`${name}: the challenge names the path of the document, whatever that of the resource is`, async (t) => {
    for (const [path, wellKnown] of [
      ['/mcp', `${WELL_KNOWN}/mcp`],
      ['/a/b/mcp', `${WELL_KNOWN}/a/b/mcp`],
      ['/mcp/', `${WELL_KNOWN}/mcp/`],
      ['/', WELL_KNOWN],
      ['', WELL_KNOWN],
      ['/m%20cp', `${WELL_KNOWN}/m%20cp`],
      ['/mcp?tenant=a', `${WELL_KNOWN}/mcp?tenant=a`]
    ]) {
      const resource = await serve(t, path, framework)
      const { url, scope, document } = await discovered(resource)
      t.is(url, new URL(wellKnown, resource).href)
      t.is(document.status, 200, path)
      t.is(scope, `${authority.api.appIdUri}/Task.Read`)
      const { origin } = new URL(resource)
      t.deepEqual(await document.json(), {
        resource: `${origin}${path}`,
        authorization_servers: [`${authority.url}/${authority.tenantId}/v2.0`],
        bearer_methods_supported: ['header'],
        scopes_supported: [scope]
      })
    }
  })

  test(`${name}: with and without a slash at its end; nothing else passes without a token`, async (t) => {
    const resource = await serve(t, '/mcp', framework)
    const { origin } = new URL(resource)
    for (const [path, status] of [
      [`${WELL_KNOWN}/mcp`, 200],
      [`${WELL_KNOWN}/mcp/`, 200],
      [`${WELL_KNOWN}/mcp?a=b`, 200],
      [`${WELL_KNOWN}/mcp//`, 401],
      [`${WELL_KNOWN}/mcp/more`, 401],
      [`${WELL_KNOWN}/MCP`, 401],
      [WELL_KNOWN, 401],
      [`/other${WELL_KNOWN}/mcp`, 401],
      [`/${WELL_KNOWN}/mcp`, 401],
      ['/', 401],
      ['/mcp', 401]
    ]) {
      t.is((await fetch(origin + path)).status, status, path)
    }
  })

  test(`${name}: GET, HEAD and preflights; 405 for the rest`, async (t) => {
    const resource = await serve(t, '/mcp', framework)
    const url = new URL(`${WELL_KNOWN}/mcp`, resource)
    const head = await fetch(url, { method: 'HEAD' })
    t.deepEqual([head.status, await head.text()], [200, ''])
    t.is(head.headers.get('content-type'), 'application/json')
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH']) {
      const answer = await fetch(url, { method })
      t.deepEqual(
        [answer.status, answer.headers.get('allow'), await answer.text()],
        [405, 'GET, HEAD, OPTIONS', ''],
        method
      )
    }
    for (const headers of ['mcp-protocol-version', 'authorization,mcp-protocol-version', undefined]) {
      t.true(await mayAsk(url, 'https://page.example', headers), headers)
    }
    const page = await fetch(url, { headers: { origin: 'https://page.example', 'mcp-protocol-version': '2025-06-18' } })
    t.is(page.headers.get('access-control-allow-origin'), '*')
  })
}

/** Whether a browser lets a page send a GET with these headers (Fetch, CORS-preflight fetch). */
async function mayAsk(url, origin, headers) {
  const { status, headers: answered } = await fetch(url, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'GET',
      ...(headers && { 'access-control-request-headers': headers })
    }
  })
  const allowed = (name) => (answered.get(name) ?? '').split(',').map((value) => value.trim().toLowerCase())
  const isAllowed = (header) => {
    const list = allowed('access-control-allow-headers')
    return list.includes(header) || (list.includes('*') && header !== 'authorization')
  }
  return (
    status >= 200 &&
    status < 300 &&
    ['*', origin].includes(answered.get('access-control-allow-origin')) &&
    (headers?.split(',').every(isAllowed) ?? true)
  )
}

test('a resource with a query has a document for that query only', async (t) => {
  const { origin } = new URL(await serve(t, '/mcp?tenant=a'))
  for (const [search, status] of [
    ['?tenant=a', 200],
    ['?tenant=b', 401],
    ['', 401]
  ]) {
    t.is((await fetch(`${origin}${WELL_KNOWN}/mcp${search}`)).status, status, search)
  }
})

for (const [name, express] of [
  ['Express 5', express5],
  ['Express 4', express4]
]) {
  test(`${name}: mounted at a prefix, with the metadata at the root, in whatever order`, async (t) => {
    for (const isBefore of [true, false]) {
      const resource = await serveMcp(
        t,
        (url) => {
          const app = express()
          const auth = protectMcp(mcpOptions(authority, url))
          if (isBefore) app.use(auth.resourceMetadata)
          app.use('/tasks', express.Router().use('/mcp', auth))
          if (!isBefore) app.use(auth.resourceMetadata)
          return app.use((_req, res) => res.end('reached'))
        },
        '/tasks/mcp'
      )
      const { url, document } = await discovered(resource)
      t.is(url, new URL(`${WELL_KNOWN}/tasks/mcp`, resource).href)
      t.is((await document.json()).resource, resource)
      // What is not below the prefix is not protected, and the metadata keeps nothing away from it.
      t.is(await (await fetch(new URL('/', resource))).text(), 'reached')
      t.is((await post(resource, authority.issueToken())).status, 200)
    }
  })

  test(`${name}: two servers in one application`, async (t) => {
    const resources = {}
    const one = await serveMcp(
      t,
      (url) => {
        const app = express()
        for (const path of ['/one', '/two']) {
          const resource = new URL(path, url).href
          resources[path] = resource
          const auth = protectMcp(mcpOptions(authority, resource))
          app.use(auth.resourceMetadata).use(path, auth)
        }
        return app.use((_req, res) => res.end('reached'))
      },
      '/one'
    )
    t.is(one, resources['/one'])
    for (const resource of Object.values(resources)) {
      t.is((await (await discovered(resource)).document.json()).resource, resource)
    }
  })

  test(`${name}: metadata elsewhere, behind a proxy that takes a prefix away, as a handler of a route`, async (t) => {
    const meta = 'https://gateway.example/tasks/meta'
    const resource = await serveMcp(t, (url) => {
      const app = express()
      const auth = protectMcp(mcpOptions(authority, url, { resourceMetadata: { url: meta } }))
      app.use((_req, _res, next) => next())
      app.all('/meta', auth.resourceMetadata)
      return app.use(auth)
    })
    t.is(parseChallenge((await post(resource)).headers.get('www-authenticate')).resource_metadata, meta)
    const document = await fetch(new URL('/meta', resource))
    t.is((await document.json()).resource, resource)
  })

  test(`${name}: passed to app.use behind a route, the metadata is not the answer to everything`, async (t) => {
    const resource = await serveMcp(t, (url) => {
      const app = express()
      // Sets req.route, which stays.
      app.get(/.*/, (_req, _res, next) => next())
      return app.use(protectMcp(mcpOptions(authority, url)).resourceMetadata, (_req, res) => res.end('reached'))
    })
    t.is(await (await fetch(resource)).text(), 'reached')
    t.is((await fetch(new URL(`${WELL_KNOWN}/mcp`, resource))).status, 200)
  })

  test(`${name}: mounted where requests for the metadata do not pass: says so once`, async (t) => {
    for (const [what, mount] of Object.entries({
      '/mcp': (app, auth) => app.use('/mcp', auth),
      'a route': (app, auth) => app.all('/mcp', auth)
    })) {
      const resource = await serveMcp(t, (url) => mount(express(), protectMcp(mcpOptions(authority, url))))
      await post(resource)
      await post(resource)
      const said = await unreachable(resource)
      t.is(said.length, 1, what)
      t.true(said[0].startsWith(`protectMcp is mounted at ${what}, `), said[0])
    }
  })

  test(`${name}: and does not where they do`, async (t) => {
    for (const mount of [
      (app, auth) => app.use(auth),
      (app, auth) => app.use(auth).all('/mcp', auth),
      (app, auth) => app.use(auth.resourceMetadata).all('/mcp', auth),
      (app, auth) => app.get(`${WELL_KNOWN}/mcp`, auth.resourceMetadata).use('/mcp', auth)
    ]) {
      const resource = await serveMcp(t, (url) => mount(express(), protectMcp(mcpOptions(authority, url))))
      await post(resource)
      t.deepEqual(await unreachable(resource), [])
    }
    // Where it is elsewhere, the application has seen to it.
    const meta = 'https://gateway.example/elsewhere'
    const resource = await serveMcp(t, (url) =>
      express().all('/mcp', protectMcp(mcpOptions(authority, url, { resourceMetadata: { url: meta } })))
    )
    await post(resource)
    t.deepEqual(await warningsAbout(meta, 'ENTRA_JWT_VERIFY_MCP_METADATA'), [])
  })
}
