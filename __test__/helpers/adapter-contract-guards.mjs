// A part of the contract of adapters: guards on routes behind the middleware, and without one.
import { parseChallenge } from './challenge.mjs'

/** @import { Driver } from './adapter-contract.mjs' */

/** By route: tokens that meet its guard, tokens that do not, and the parameters of the challenge. */
export const GUARDS = {
  '/role': {
    met: [{ roles: ['Task.Read'] }, { roles: ['Other', 'Task.Read'] }],
    unmet: [{ roles: [] }, { roles: ['task.read'] }, { scopes: ['Task.Read'] }],
    description: 'required role missing',
    scope: undefined
  },
  '/scope': {
    met: [{ scopes: ['Task.Read'] }, { scopes: ['Other', 'Task.Read'] }],
    unmet: [{ scopes: ['Other'] }, { roles: ['Task.Read'] }],
    description: 'required scope missing',
    scope: 'Task.Read'
  },
  '/either': {
    met: [{ scopes: ['Task.Read'] }, { roles: ['Task.Read.All'] }],
    unmet: [{ scopes: ['Other'] }, { roles: ['Task.Read'] }, { scopes: ['Other'], roles: ['Task.Read.All'] }],
    description: 'required scope or role missing',
    scope: 'Task.Read'
  }
}

/**
 * @param {Driver} driver
 * @param {Function} row registers a test
 */
export function testGuards({ frameworkErrors, functions }, row) {
  row('a guard admits the tokens that meet it', async (t, start) => {
    const application = await start()
    for (const [path, { met }] of Object.entries(GUARDS)) {
      for (const overrides of met) {
        const { status, body } = await application.good(path, overrides)
        t.is(status, 200, `${path} ${JSON.stringify(overrides)}`)
        t.deepEqual(JSON.parse(body), { client: application.authority.client.clientId })
      }
    }
  })

  /** Answers to every token that does not meet its guard. */
  async function* unmetBy(application) {
    for (const [path, { unmet, description, scope }] of Object.entries(GUARDS)) {
      for (const overrides of unmet) {
        const answer = await application.good(path, overrides)
        const parameters = { error: 'insufficient_scope', error_description: description }
        if (scope !== undefined) parameters.scope = `${application.authority.api.appIdUri}/${scope}`
        yield { answer, parameters, description, name: `${path} ${JSON.stringify(overrides)}` }
      }
    }
  }

  row('classic: a guard that is not met answers 403, with a challenge', async (t, start) => {
    const application = await start()
    for await (const { answer, parameters, name } of unmetBy(application)) {
      t.deepEqual([answer.status, answer.body], [403, 'Forbidden'], name)
      t.deepEqual(parseChallenge(answer.headers.get('www-authenticate')), parameters, name)
    }
    t.deepEqual(application.logger.lines.error, [])
    // At least one line for each reason.
    const lines = application.logger.lines.warn.map(([line]) => line)
    for (const line of lines) t.regex(line, /^checkAuthToken refused 403 ERR_TOKEN_POLICY(?: \(omitted \d\))?: /)
    t.true(lines.length >= Object.keys(GUARDS).length)
  })

  row('rfc6750: a guard that is not met answers 403 with insufficient_scope', async (t, start) => {
    for await (const { answer, parameters, description, name } of unmetBy(await start({ responses: 'rfc6750' }))) {
      t.is(answer.status, 403, name)
      t.deepEqual(JSON.parse(answer.body), { error: 'insufficient_scope', error_description: description }, name)
      t.deepEqual(parseChallenge(answer.headers.get('www-authenticate')), parameters, name)
    }
  })

  row("next: a guard that is not met is an error of the framework's", async (t, start) => {
    for await (const { answer, parameters, description, name } of unmetBy(await start({ responses: 'next' }))) {
      t.notRegex(answer.body, /"client"/, name)
      t.true(answer.status >= 400)
      if (frameworkErrors.keepsStatus ?? true) t.is(answer.status, 403, name)
      if (frameworkErrors.keepsHeaders ?? true) {
        t.deepEqual(parseChallenge(answer.headers.get('www-authenticate')), parameters, name)
      }
      frameworkErrors.checkRejected(t, answer, { status: 403, code: 'ERR_TOKEN_POLICY', message: description })
    }
  })

  row('function: the application answers for a guard that is not met', async (t, start) => {
    for (const responses of [functions.answers, functions.answersLater]) {
      for await (const { answer, name } of unmetBy(await start({ responses }))) {
        t.deepEqual([answer.status, answer.body], [418, 'application: ERR_TOKEN_POLICY'], name)
      }
    }
  })

  row('a request that the middleware rejects does not reach a guard', async (t, start) => {
    const application = await start()
    for (const path of [...Object.keys(GUARDS), '/challenge']) {
      t.is((await application.send(undefined, path)).status, 401, path)
      t.is((await application.send('Bearer token', path)).status, 500, path)
    }
  })

  row('without the middleware in front, a guard rejects every request', async (t, start) => {
    const application = await start({ isUnprotected: true })
    for (const [path, { met }] of [...Object.entries(GUARDS), ['/challenge', { met: [{}] }]]) {
      for (const answer of [await application.good(path, met[0]), await application.send(undefined, path)]) {
        t.deepEqual([answer.status, answer.body], [401, 'Unauthorized'], path)
        t.is(answer.headers.get('www-authenticate'), 'Bearer', path)
      }
    }
    // That the application works at all.
    t.deepEqual(JSON.parse((await application.send(undefined)).body), { client: null })
  })

  row('optional: a guard rejects a request without a token as the middleware in front of it does', async (t, start) => {
    for (const [responses, check] of [
      ['classic', ({ body }) => t.is(body, 'Unauthorized')],
      ['rfc6750', ({ body }) => t.deepEqual(JSON.parse(body), { error: 'unauthorized' })]
    ]) {
      const application = await start({ optional: true, responses })
      for (const path of [...Object.keys(GUARDS), '/challenge']) {
        const answer = await application.send(undefined, path)
        t.is(answer.status, 401, path)
        t.is(answer.headers.get('www-authenticate'), 'Bearer', path)
        check(answer)
      }
    }
  })

  row('a claims challenge is 401 with the claims for a client that understands it, and else 403', async (t, start) => {
    for (const responses of ['classic', 'rfc6750', 'next']) {
      if (responses === 'next' && frameworkErrors.keepsHeaders === false) continue
      const application = await start({ responses })
      const understood = await application.good('/challenge', { claims: { xms_cc: ['cp1'] } })
      t.is(understood.status, 401, responses)
      const { error, claims } = parseChallenge(understood.headers.get('www-authenticate'))
      t.is(error, 'insufficient_claims')
      t.deepEqual(JSON.parse(Buffer.from(claims, 'base64').toString()), CLAIMS)
      t.is((await application.good('/challenge')).status, 403, responses)
    }
  })
}

/** The guards of the application, by route, from an entry of this package. */
export const guardsFrom = ({ claimsChallenge, requireRole, requireScope, requireScopeOrRole }) => ({
  '/role': requireRole('Task.Read'),
  '/scope': requireScope('Task.Read'),
  '/either': requireScopeOrRole({ scopes: ['Task.Read'], roles: ['Task.Read.All'] }),
  '/challenge': claimsChallenge(CLAIMS)
})

/** What `claimsChallenge` of the route `/challenge` asks for. */
export const CLAIMS = { access_token: { acrs: { essential: true, value: 'c1' } } }
