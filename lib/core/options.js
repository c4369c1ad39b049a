'use strict'

const { configError } = require('./errors')

const PUBLIC_CLOUD = 'https://login.microsoftonline.com'

/**
 * Options with what the environment adds. An explicit option wins; an empty variable is one that is not set. What
 * is acceptable is decided in the core, except for what is about HTTP.
 *
 * @param {object} [options]
 * @param {Record<string, string | undefined>} [environment]
 */
function configure(options = {}, environment = process.env) {
  if (options === null || typeof options !== 'object' || Array.isArray(options)) {
    throw configError('options', 'accepted is an object')
  }
  const given = (name) => options[name] ?? undefined
  const variable = (name) => environment[name] || environment[name.toLowerCase()] || undefined
  // Who names an authority names tenant and host with it.
  const whose = given('authority') ? {} : { tenantId: 'AZURE_TENANT_ID', authorityHost: 'AZURE_AUTHORITY_HOST' }
  const proxy = given('proxy')
  const core = {
    ...options,
    tenantId: given('tenantId') ?? (whose.tenantId && variable(whose.tenantId)),
    authorityHost: given('authorityHost') ?? (whose.authorityHost && variable(whose.authorityHost)),
    clientId: given('clientId') ?? variable('AZURE_CLIENT_ID'),
    audience: given('audience') ?? commaSeparated(variable('AZURE_AUDIENCE')),
    ca: pem(given('ca')),
    proxy: proxy === false ? undefined : (proxy ?? variable('HTTPS_PROXY')),
    logger: undefined,
    responses: undefined,
    resourceMetadata: undefined
  }
  return {
    core: JSON.stringify(core, jsonValue),
    // A proxy that was named in the options is meant for all hosts.
    noProxy: proxy === undefined ? variable('NO_PROXY') : undefined,
    logger: logger(given('logger')),
    responses: given('responses'),
    resourceMetadata: given('resourceMetadata'),
    authority:
      core.issuer ?? core.authority ?? `${withoutSlash(core.authorityHost ?? PUBLIC_CLOUD)}/${core.tenantId}/v2.0`
  }
}

function withoutSlash(text) {
  return String(text).replace(/\/$/, '')
}

function commaSeparated(text) {
  return text
    ?.split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

/** PEM as text; a file that was read without an encoding is a Buffer. */
function pem(ca) {
  if (Array.isArray(ca)) return ca.map(pem)
  return Buffer.isBuffer(ca) ? ca.toString('latin1') : ca
}

function logger(given = console) {
  if (given === false) return undefined
  if (typeof given?.error !== 'function') {
    throw configError('logger', 'accepted is an object with a method error, such as console, or false')
  }
  return given
}

/** Keeps what JSON would drop or refuse visible, so that the core can say that it is not acceptable. */
function jsonValue(_name, value) {
  if (typeof value === 'function' || typeof value === 'symbol') return `[${typeof value}]`
  if (typeof value === 'bigint' || (typeof value === 'number' && !Number.isFinite(value))) return String(value)
  return value
}

module.exports = { configure }
