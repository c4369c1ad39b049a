// A part of the contract of adapters: which requests reach the handler, and what the others are answered with in each mode.
import { startTestAuthority } from 'entra-jwt-verify/testing'
import { parseChallenge } from './challenge.mjs'
import { refusals } from './refusals.mjs'

/** @import { Driver } from './adapter-contract.mjs' */

/** By name: what is special about a token that is good. */
export const GOOD = {
  'a v1 token': { version: 1 },
  'a v2 token': { version: 2 },
  'a delegated token': { delegated: true },
  'a token with roles': { roles: ['Task.Read'] }
}

/**
 * @param {Driver} driver
 * @param {Function} row registers a test
 */
export function testAnswers({ frameworkErrors, functions }, row) {
  row('a good token reaches the handler, which sees its client', async (t, start) => {
    const application = await start()
    for (const [name, overrides] of Object.entries(GOOD))
      t.deepEqual(await clientOf(application, overrides), [200, 'own'], name)
    t.deepEqual(application.logger.lines, { error: [], warn: [] })
  })

  for (const [name, overrides] of Object.entries(GOOD)) {
    row(`${name} reaches the handler when the keys have to be fetched first`, async (t, start) => {
      t.deepEqual(await clientOf(await start(), overrides), [200, 'own'])
    })
  }

  row('many requests at once wait for the same keys', async (t, start) => {
    const application = await start()
    const answers = await Promise.all(Array.from({ length: 20 }, () => clientOf(application)))
    for (const answer of answers) t.deepEqual(answer, [200, 'own'])
  })

  row('classic: each refusal is answered and logged as the contract says', async (t, start) => {
    // By name: tokens are issued for the application's authority.
    for (const name of Object.keys(refusals((await start()).authority))) {
      // What is logged is limited for each code, so each refusal has an application of its own; it starts cold.
      const application = await start()
      const { authorization, classic, code, message, isLogged } = refusals(application.authority)[name]
      for (const when of ['keys to be fetched', 'keys cached']) {
        const answer = await application.send(authorization)
        t.deepEqual(
          { status: answer.status, body: answer.body, challenge: answer.headers.get('www-authenticate') },
          classic,
          `${name}, ${when}`
        )
        t.is(answer.headers.get('content-type'), 'text/plain; charset=utf-8', name)
        t.is(answer.headers.get('content-length'), String(Buffer.byteLength(classic.body)), name)
      }
      checkLog(t, application.logger.lines, { status: classic.status, code, message, isLogged }, name)
    }
  })

  row('rfc6750: each refusal has its status, its challenge and a JSON body', async (t, start) => {
    const application = await start({ responses: 'rfc6750' })
    for (const [name, { authorization, rfc6750 }] of Object.entries(refusals(application.authority))) {
      const answer = await application.send(authorization)
      t.deepEqual(
        { status: answer.status, body: JSON.parse(answer.body), challenge: answer.headers.get('www-authenticate') },
        rfc6750,
        name
      )
      // Some frameworks name the encoding, which JSON does not need.
      t.regex(answer.headers.get('content-type'), /^application\/json(?:; charset=utf-8)?$/, name)
    }
    t.deepEqual(application.logger.lines.error, [])
  })

  row("next: each refusal is an error of the framework's, with its status and challenge", async (t, start) => {
    const application = await start({ responses: 'next' })
    for (const [name, row] of Object.entries(refusals(application.authority))) {
      checkHandedOn(t, await application.send(row.authorization), row, name)
    }
    // The framework logs its errors.
    t.deepEqual(application.logger.lines, { error: [], warn: [] })
  })

  for (const mode of ['answers', 'answersLater']) {
    row(`function: the application ${mode === 'answers' ? 'answers' : 'answers later'}`, async (t, start) => {
      const application = await start({ responses: functions[mode] })
      for (const [name, { authorization, code }] of Object.entries(refusals(application.authority))) {
        const answer = await application.send(authorization)
        t.deepEqual([answer.status, answer.body], [418, `application: ${code}`], name)
      }
      t.deepEqual(await clientOf(application), [200, 'own'])
    })
  }

  for (const mode of ['throws', 'rejects']) {
    row(
      `function: what the application ${mode === 'throws' ? 'throws' : 'rejects with'} is the framework's error`,
      async (t, start) => {
        for (const name of ['no header', 'expired', 'another signature']) {
          const application = await start({ responses: functions[mode] })
          const { authorization } = refusals(application.authority)[name]
          // First with keys that have to be fetched, then with cached ones.
          for (let times = 0; times < 2; times++) frameworkErrors.checkThrown(t, await application.send(authorization))
        }
      }
    )
  }

  row('function: one that does not answer hands on the error, and never leads to the handler', async (t, start) => {
    const application = await start({ responses: functions.handsOn })
    for (const [name, row] of Object.entries(refusals(application.authority))) {
      checkHandedOn(t, await application.send(row.authorization), row, name)
    }
  })

  row('an outage of the authority: classic 500, rfc6750 503 with Retry-After, next 503', async (t, start) => {
    const authority = await startTestAuthority({ quiet: true })
    t.teardown(() => authority.close())
    await authority.stop()
    const rejected = async (responses) => {
      const application = await start({ of: authority, responses })
      return { ...(await application.good()), lines: application.logger.lines }
    }

    const classic = await rejected('classic')
    t.is(classic.status, 500)
    t.regex(classic.body, /^Internal Server Error, signing keys unavailable: /)
    t.is(classic.headers.get('retry-after'), null)

    const rfc6750 = await rejected('rfc6750')
    t.is(rfc6750.status, 503)
    t.regex(rfc6750.headers.get('retry-after'), /^[1-9]\d*$/)
    t.is(rfc6750.headers.get('www-authenticate'), null)
    t.is(JSON.parse(rfc6750.body).error, 'server_error')

    for (const { lines } of [classic, rfc6750]) {
      t.is(lines.error.length, 1)
      t.is(lines.error[0][0], 'Error in checkAuthToken: ')
      t.is(lines.error[0][1].code, 'ERR_KEYS_UNAVAILABLE')
    }

    const next = await rejected('next')
    if (frameworkErrors.keepsStatus ?? true) t.is(next.status, 503)
    if (frameworkErrors.keepsHeaders ?? true) t.regex(next.headers.get('retry-after'), /^[1-9]\d*$/)
    t.true(next.status >= 500)

    // The cause is for the log alone.
    const { port } = new URL(authority.url)
    for (const { body } of [classic, rfc6750]) t.false(body.includes(port), body)
  })

  function checkHandedOn(t, answer, { code, message, rfc6750 }, name) {
    t.true(answer.status >= 400, name)
    t.notRegex(answer.body, /"client"/, name)
    if (frameworkErrors.keepsStatus ?? true) t.is(answer.status, rfc6750.status, name)
    if (frameworkErrors.keepsHeaders ?? true) {
      t.deepEqual(parseChallenge(answer.headers.get('www-authenticate')), parseChallenge(rfc6750.challenge), name)
    }
    frameworkErrors.checkRejected(t, answer, { status: rfc6750.status, code, message })
  }
}

/** Status, and whether the handler saw the client that the token was issued to. */
async function clientOf(application, overrides) {
  const { status, body } = await application.good('/', overrides)
  if (status !== 200) return [status, body]
  return [status, JSON.parse(body).client === application.authority.client.clientId ? 'own' : body]
}

/** What the contract logs for a refusal: an error for a 500, a line for any other, unless no token was sent. */
function checkLog(t, { error, warn }, { status, code, isLogged = code !== 'ERR_TOKEN_MISSING' }, name) {
  t.is(error.length, status === 500 ? 1 : 0, name)
  if (status === 500) {
    t.is(error[0][0], 'Error in checkAuthToken: ', name)
    t.is(error[0][1].code, code, name)
  }
  const isWarned = status !== 500 && isLogged
  t.is(warn.length, isWarned ? 1 : 0, name)
  // What the token is recognised as has tests of its own.
  if (isWarned) t.true(warn[0][0].startsWith(`checkAuthToken refused ${status} ${code}: `), warn[0][0])
}
