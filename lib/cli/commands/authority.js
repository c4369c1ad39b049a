'use strict'

const { randomBytes } = require('node:crypto')
const { once } = require('node:events')
const { mkdtempSync, rmSync, writeFileSync } = require('node:fs')
const { tmpdir } = require('node:os')
const { join } = require('node:path')
const { startTestAuthority } = require('../../../testing/index')
const { codeOf, messageOf } = require('../../thrown')
const { listOf, readFlags } = require('../flags')
const { exportLine, variable } = require('../shell')
const { UsageError } = require('../usage')

/** @typedef {import('../../../testing/index').TestAuthority} TestAuthority */

/** @type {Record<string, import('../flags').Flag>} */
const FLAGS = {
  port: { value: 'port', help: 'port of the authority (default: any free port)' },
  tls: { help: 'HTTPS, required by MSAL and the Azure SDKs' },
  https: { help: 'the same' },
  'tenant-id': { value: 'id', help: 'tenant of the tokens, a GUID (default: a new one)' },
  'client-id': { value: 'id', help: "the API's application id, a GUID (default: a new one)" },
  audience: { value: 'uri', help: "the API's App ID URI; api://<client id> without it" },
  role: { value: 'role', many: true, help: 'app role of the client' },
  scope: { value: 'scope', many: true, help: 'delegated permission of the API; makes the token a delegated one' },
  'token-version': { value: '1|2', help: 'token version (requestedAccessTokenVersion; default: 1)' },
  json: { help: 'print JSON' }
}

const HELP = `Usage: entra-jwt-verify authority [options]

Starts a test authority, which behaves like Entra, on this machine. Prints the environment for an API, a token, and a request with
it. Never use it in production: it signs any token. It runs until Ctrl-C.

${listOf(FLAGS)}

Exit status: 0 after Ctrl-C or SIGTERM, 2 if it does not start.
`

/**
 * @param {string[]} args
 * @returns {Promise<number>} the exit status
 */
async function run(args) {
  const { values, positionals } = readFlags(args, FLAGS)
  if (values.help) {
    process.stdout.write(HELP)
    return 0
  }
  if (positionals.length) throw new UsageError('authority takes no arguments')
  const ended = signal()
  const authority = await start(values)
  const ca = authority.ca === undefined ? undefined : certificateFile(authority.ca)
  try {
    const shown = describe(authority, values, ca?.path)
    process.stdout.write(values.json ? `${JSON.stringify(shown, null, 2)}\n` : text(shown))
    await ended
  } finally {
    await authority.close()
    if (ca) rmSync(ca.folder, { recursive: true, force: true })
  }
  return 0
}

/** Resolves when the process is asked to end. */
function signal() {
  const signals = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])
  return Promise.race(signals.map((name) => once(process, name)))
}

/**
 * @param {import('../flags').Values} values
 * @returns {Promise<TestAuthority>}
 */
async function start(values) {
  const { port, tls, https, audience, 'tenant-id': tenantId, 'client-id': clientId, 'token-version': version } = values
  const roles = strings(values.role)
  const scopes = strings(values.scope)
  if (port !== undefined && !/^\d{1,5}$/.test(String(port))) throw new UsageError('--port: expected a number')
  if (version !== undefined && version !== '1' && version !== '2')
    throw new UsageError('--token-version: expected 1 or 2')
  try {
    return await startTestAuthority({
      quiet: true,
      tls: tls === true || https === true,
      ...(port !== undefined && { port: Number(port) }),
      ...(tenantId !== undefined && { tenantId: String(tenantId) }),
      apps: [
        {
          name: 'API',
          ...(clientId !== undefined && { clientId: String(clientId) }),
          ...(audience !== undefined && { appIdUri: String(audience) }),
          ...(scopes.length && { scopes }),
          accessTokenVersion: version === '2' ? 2 : 1
        },
        { name: 'client', clientSecret: randomBytes(24).toString('base64url'), roles }
      ],
      user: { roles }
    })
  } catch (error) {
    const code = codeOf(error)
    if (code === 'EADDRINUSE' || code === 'EACCES') throw new UsageError(`--port ${port} is taken or not allowed`)
    if (code === 'ERR_TESTING_OPTION' || code === 'ERR_SOCKET_BAD_PORT') throw new UsageError(asTyped(messageOf(error)))
    throw error
  }
}

/** Flags by the options that they set. */
const FLAG_OF = Object.entries({
  tenantId: '--tenant-id',
  'apps: clientId': '--client-id',
  'apps: appIdUri': '--audience',
  'apps: roles': '--role',
  'apps: scopes': '--scope',
  port: '--port'
})

/**
 * An error of the test authority, with the flag that was typed in place of the option.
 *
 * @param {string} message
 */
function asTyped(message) {
  const [option, flag] = FLAG_OF.find(([name]) => message.startsWith(`${name}: `)) ?? []
  return option === undefined ? message : `${flag}${message.slice(option.length)}`
}

/** @param {string} ca PEM */
function certificateFile(ca) {
  const folder = mkdtempSync(join(tmpdir(), 'entra-jwt-verify-'))
  const path = join(folder, 'ca.pem')
  writeFileSync(path, ca)
  return { folder, path }
}

/**
 * What there is to know.
 *
 * @param {TestAuthority} authority
 * @param {import('../flags').Values} values
 * @param {string | undefined} ca path of the certificate to trust
 */
function describe(authority, values, ca) {
  const { url, tenantId, api, client } = authority
  const scopes = strings(values.scope)
  const trusted = ca === undefined ? {} : { NODE_EXTRA_CA_CERTS: ca }
  return {
    url,
    token: authority.issueToken(scopes.length ? { scopes } : {}),
    /** Of the API. */
    environment: { ...authority.env(), ...trusted },
    /** Of a client, as the Azure SDKs and `entra-jwt-verify token` read it. */
    client: {
      AZURE_TENANT_ID: tenantId,
      AZURE_CLIENT_ID: client.clientId,
      AZURE_CLIENT_SECRET: client.clientSecret ?? '',
      AZURE_AUTHORITY_HOST: url,
      ...trusted
    },
    scope: `${api.appIdUri}/.default`
  }
}

/** @param {ReturnType<typeof describe>} described */
function text({ url, token, environment, client, scope }) {
  const paste = (/** @type {Record<string, string>} */ variables) =>
    Object.entries(variables)
      .map(([name, value]) => `  ${exportLine(name, value)}`)
      .join('\n')
  return `Test authority at ${url}, never for production: it signs any token on request. Ctrl-C ends it.

The environment of your API:

${paste(environment)}

A token for it, valid for an hour, and a request:

${paste({ TOKEN: token })}
  curl -H "Authorization: Bearer ${variable('TOKEN')}" http://localhost:3000/tasks

A new one, as a client gets it:

${paste(client)}
  npx entra-jwt-verify token --scope ${scope}
`
}

/** @param {import('../flags').Values[string]} value */
function strings(value) {
  return [value ?? []].flat().map(String)
}

module.exports = { run }
