// entra-jwt-verify/fetch with the classes that Azure Functions v4 hands to HTTP functions, and makes responses with.
import azure from '@azure/functions'
import test from 'ava'
import { createCheckAuthToken, requireRole } from 'entra-jwt-verify/fetch'
import { start } from '../helpers/start.mjs'

const { HttpRequest, HttpResponse, InvocationContext } = azure

/** As the host makes a request of an invocation. */
function requestWith(authorization, more) {
  const headers = authorization === undefined ? {} : { authorization }
  return new HttpRequest({
    method: 'GET',
    url: 'https://api.example/api/tasks/1',
    headers,
    params: { id: '1' },
    ...more
  })
}

const context = new InvocationContext({ invocationId: 'invocation', functionName: 'tasks' })

/** What the host does with what a function returns. */
async function sent(returned) {
  const response = returned instanceof HttpResponse ? returned : new HttpResponse(returned)
  return { status: response.status, body: await response.text(), challenge: response.headers.get('www-authenticate') }
}

test('a function is called with its request, the token and its context; the host sends our responses', async (t) => {
  const { authority, options } = await start(t)
  const { withAuth } = createCheckAuthToken({ ...options, logger: false })
  const tasks = withAuth(
    async (request, auth, invocation) => {
      t.is(invocation, context)
      return { jsonBody: { id: request.params.id, caller: auth.clientId }, status: 201 }
    },
    [requireRole('Task.Read')]
  )
  // Twice: first the keys have to be fetched.
  for (let times = 0; times < 2; times++) {
    const good = requestWith(`Bearer ${authority.issueToken({ roles: ['Task.Read'] })}`)
    const { status, body } = await sent(await tasks(good, context))
    t.deepEqual([status, JSON.parse(body)], [201, { id: '1', caller: authority.client.clientId }])
  }
  t.deepEqual(await sent(await tasks(requestWith(undefined), context)), {
    status: 401,
    body: 'Unauthorized',
    challenge: 'Bearer'
  })
  const { status, body, challenge } = await sent(await tasks(requestWith(`Bearer ${authority.issueToken()}`), context))
  t.deepEqual([status, body], [403, 'Forbidden'])
  t.regex(challenge, /insufficient_scope/)
})

test('checkAuthToken in a function, with the body left to be read', async (t) => {
  const { authority, options } = await start(t)
  const checkAuthToken = createCheckAuthToken({ ...options, responses: 'rfc6750', logger: false })
  const echo = async (request) => {
    const { auth, response } = await checkAuthToken(request)
    if (response) return response
    return new HttpResponse({ jsonBody: { caller: auth.clientId, body: await request.json() } })
  }
  const body = { bytes: Buffer.from('{"a":1}') }
  const good = await sent(await echo(requestWith(`Bearer ${authority.issueToken()}`, { method: 'POST', body })))
  t.deepEqual(JSON.parse(good.body), { caller: authority.client.clientId, body: { a: 1 } })
  const bad = await sent(await echo(requestWith('Bearer token', { method: 'POST', body })))
  t.deepEqual([bad.status, JSON.parse(bad.body).error], [401, 'invalid_token'])
})

test('the application may answer with an HttpResponse', async (t) => {
  const { options } = await start(t)
  const responses = (error) => new HttpResponse({ status: error.status, jsonBody: { code: error.code } })
  const { withAuth } = createCheckAuthToken({ ...options, responses, logger: false })
  const { status, body } = await sent(await withAuth(() => t.fail('reached'))(requestWith(undefined), context))
  t.deepEqual([status, body], [401, '{"code":"ERR_TOKEN_MISSING"}'])
})
