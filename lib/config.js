'use strict'

const { configError } = require('./errors')

/**
 * Options with what the environment adds. An explicit option wins; an empty variable is one that is not set. What
 * is acceptable is decided in the core, except for functions, which JSON has not.
 *
 * @param {object} [options]
 * @param {Record<string, string | undefined>} [environment]
 * @returns {{ core: string, noProxy: string | undefined, logger: { error: Function } | undefined }}
 */
function configure(options = {}, environment = process.env) {
  if (options === null || typeof options !== 'object' || Array.isArray(options)) {
    throw configError('options', 'accepted is an object')
  }
  const given = (name) => options[name] ?? undefined
  const variable = (name) => environment[name] || environment[name.toLowerCase()] || undefined
  const proxy = given('proxy')
  const core = {
    ...options,
    tenantId: given('tenantId') ?? variable('AZURE_TENANT_ID'),
    clientId: given('clientId') ?? variable('AZURE_CLIENT_ID'),
    audience: given('audience') ?? commaSeparated(variable('AZURE_AUDIENCE')),
    authorityHost: given('authorityHost') ?? variable('AZURE_AUTHORITY_HOST'),
    ca: pem(given('ca')),
    proxy: proxy === false ? undefined : (proxy ?? variable('HTTPS_PROXY')),
    logger: undefined
  }
  return {
    core: JSON.stringify(core, jsonValue),
    // A proxy that was named in the options is meant for all hosts.
    noProxy: proxy === undefined ? variable('NO_PROXY') : undefined,
    logger: logger(given('logger'))
  }
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
