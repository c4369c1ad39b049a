// A secret in place of an id: it is refused where its form is certain, and otherwise nothing shows it.
import { createRequire } from 'node:module'
import test from 'ava'
import { createCheckAuthToken, createVerifier } from 'entra-jwt-verify'
import { start } from '../helpers/start.mjs'

const require = createRequire(import.meta.url)
const { configure } = require('../../lib/core/options.js')
const { compileCore } = require('../../lib/core/verifier.js')

const TENANT = '3b7e5a90-61cf-4f2d-9a18-d0c4e7b21f55'
/** In the form of Entra's client secrets; invented. */
const SECRET = 'Q7x8Q~inVenTed.n0t-Real_s3cretZZZZZZZZZ0aB'
/** Of another form, which may also be an audience of another issuer; invented. */
const KEY = 'kP5xR8vN2mQ7wT4yB9cF3hJ6'

test('a client secret in a setting is ERR_CONFIG, with any authority, and is not repeated', async (t) => {
  const { options } = await start(t)
  for (const [more, option] of [
    [{ clientId: SECRET }, 'clientId'],
    [{ audience: SECRET }, 'audience'],
    [{ audience: ['api://tasks', SECRET] }, 'audience'],
    [{ allowedClients: [SECRET] }, 'allowedClients'],
    [{ requiredRoles: ['Task.Read', SECRET] }, 'requiredRoles'],
    [{ requiredScopes: [SECRET] }, 'requiredScopes']
  ]) {
    for (const create of [createVerifier, createCheckAuthToken]) {
      const { message, hint } = t.throws(() => create({ ...options, ...more }), { code: 'ERR_CONFIG' })
      t.true(message.startsWith(`option ${option}: expected `), message)
      t.regex(message, /got what looks like a client secret \(Q7x…, 42 characters\)$/)
      t.regex(hint, new RegExp(`^set .*${option}\\b.* to the |^set .*${option} to names`))
      t.regex(hint, /looks like a client secret.*replace it/)
      t.false(`${message}${hint}`.includes(SECRET.slice(4)))
    }
  }
})

test('the variable that holds the secret is named', (t) => {
  for (const [variables, name] of [
    [{ ENTRA_AUDIENCE: `api://tasks, ${SECRET}` }, 'ENTRA_AUDIENCE'],
    [{ AZURE_AUDIENCE: SECRET, AZURE_TENANT_ID: TENANT, ENTRA_TENANT_ID: undefined }, 'AZURE_AUDIENCE'],
    [{ ENTRA_CLIENT_ID: SECRET }, 'ENTRA_CLIENT_ID'],
    [{ ENTRA_CLIENT_ID: SECRET, ENTRA_AUTHORITY_HOST: 'http://127.0.0.1:9' }, 'ENTRA_CLIENT_ID'],
    [{ ENTRA_AUDIENCE: KEY }, 'ENTRA_AUDIENCE']
  ]) {
    const { message, hint } = t.throws(() => compileCore(configure({}, { ENTRA_TENANT_ID: TENANT, ...variables })), {
      code: 'ERR_CONFIG'
    })
    t.regex(message, new RegExp(`^option \\w+: from ${name}: expected .*got what looks like a`))
    t.true(hint.startsWith(`set ${name} (option `), hint)
    t.false([SECRET, KEY].some((secret) => `${message}${hint}`.includes(secret.slice(3))))
  }
})

test('no explanation and no log line shows what looks like a secret, and no hint suggests it', async (t) => {
  const { authority, options } = await start(t)
  const lines = []
  const logger = { error: (...texts) => lines.push(texts.join(' ')), warn: (...texts) => lines.push(texts.join(' ')) }
  const of = { audience: [KEY], allowedClients: [KEY], requiredRoles: [KEY], requiredScopes: [KEY] }
  for (const [name, value] of Object.entries(of)) {
    const more = { ...options, [name]: value }
    for (const token of [
      authority.issueToken(),
      authority.issueToken({ delegated: true, scopes: ['Task.Read'] }),
      authority.issueToken({ audience: 'api://another' })
    ]) {
      const told = JSON.stringify(await createVerifier(more).explain(token))
      t.false(told.includes(KEY.slice(3)), `${name}: ${told}`)
      t.true(told.includes('what looks like a secret (kP5…, 24 characters)'), `${name}: ${told}`)
      const { verifier } = createCheckAuthToken({ ...more, logger })
      await verifier.authenticate({ headers: { authorization: `Bearer ${token}` } }).catch(() => undefined)
      const middleware = createCheckAuthToken({ ...more, logger })
      await new Promise((resolve) => {
        const res = { setHeader() {}, getHeader() {}, end: resolve }
        middleware({ headers: { authorization: `Bearer ${token}` }, method: 'GET', url: '/' }, res, resolve)
      })
    }
  }
  t.true(lines.length > 0)
  t.false(lines.join('\n').includes(KEY.slice(3)))
})

test('ids, URIs and names that are long are accepted and shown', async (t) => {
  const { authority, options } = await start(t)
  const role = 'Tasks.ReadWrite.Department1'
  const audience = ['TheTaskServiceOfContoso2024', 'https://Contoso1.example/Tasks/v2', 'urn:Contoso:tasks:Production1']
  const verifier = createVerifier({ ...options, audience, requiredRoles: [role] })
  const { checks } = await verifier.explain(authority.issueToken())
  const expected = Object.fromEntries(checks.map((check) => [check.name, check.expected]))
  t.is(expected.audience, `any of ${audience.join(', ')}`)
  t.is(expected.role, role)
})
