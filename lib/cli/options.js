'use strict'

const { readFileSync } = require('node:fs')
const { parseArgs } = require('node:util')
const { codeOf, messageOf } = require('../thrown')

/**
 * A flag: what `--help` calls its value, if it has one, and says about the flag, and whether it may be given several times.
 *
 * @typedef {{ value?: string, help: string, many?: boolean }} Flag
 */

/**
 * A flag that sets an option of the verifier. Without `read` the text is the option's value.
 *
 * @typedef {Flag & { option: keyof Options, read?: (text: string, flag: string) => unknown }} OptionFlag
 */

/**
 * @typedef {import('../..').Options} Options
 * @typedef {Record<string, string | boolean | (string | boolean)[] | undefined>} Values
 */

/** A mistake in the command line; its message is for the user. */
class UsageError extends Error {}

/**
 * The flags that configure a verifier, by name.
 *
 * @type {Record<string, OptionFlag>}
 */
const CONFIGURATION = {
  'tenant-id': {
    option: 'tenantId',
    value: 'id',
    help: 'accepted tenant: GUID, domain, common, organizations, consumers'
  },
  'client-id': { option: 'clientId', value: 'id', help: "the API's own application id" },
  audience: { option: 'audience', value: 'aud', many: true, help: 'accepted audience' },
  'authority-host': { option: 'authorityHost', value: 'url', help: 'origin of the cloud' },
  authority: { option: 'authority', value: 'url', help: 'another authority, read through OIDC discovery' },
  issuer: { option: 'issuer', value: 'iss', help: 'accepted issuer, instead of the derived ones' },
  'allowed-tenant': { option: 'allowedTenants', value: 'id', many: true, help: "accepted tenant, or '*'" },
  'allowed-client': { option: 'allowedClients', value: 'id', many: true, help: 'accepted client' },
  'required-role': {
    option: 'requiredRoles',
    value: 'role',
    many: true,
    help: 'app role; one of those given is required'
  },
  'required-scope': {
    option: 'requiredScopes',
    value: 'scope',
    many: true,
    help: 'scope; one of those given is required'
  },
  algorithm: { option: 'algorithms', value: 'alg', many: true, help: 'accepted algorithm' },
  'clock-tolerance': { option: 'clockTolerance', value: 'seconds', read: number, help: 'tolerance for exp and nbf' },
  'max-token-length': { option: 'maxTokenLength', value: 'bytes', read: number, help: 'maximum token length' },
  jwks: { option: 'jwks', value: 'file', read: json, help: 'static keys; nothing is fetched' },
  'jwks-uri': { option: 'jwksUri', value: 'url', help: 'URL to fetch keys from' },
  ca: { option: 'ca', value: 'file', many: true, read: file, help: 'additional certificates to trust, PEM' },
  proxy: { option: 'proxy', value: 'url', help: 'forward proxy' },
  timeout: {
    option: 'keys',
    value: 'seconds',
    read: (text) => ({ timeout: number(text) }),
    help: 'for one fetch of keys'
  }
}

const SWITCHES = {
  'no-proxy': 'ignore HTTPS_PROXY',
  json: 'print JSON',
  help: 'show help'
}

/**
 * Reads a command line. The options are not checked: the verifier does that.
 *
 * @param {string[]} args
 * @param {Record<string, Flag>} [more] flags of one command
 * @returns {{ options: Options, flags: Values, positionals: string[] }}
 */
function readCommandLine(args, more = {}) {
  const { values, positionals } = parse(args, more)
  /** @type {Record<string, unknown>} */
  const options = values['no-proxy'] ? { proxy: false } : {}
  for (const [name, { option, many, read }] of Object.entries(CONFIGURATION)) {
    const texts = [values[name] ?? []].flat().map(String)
    const given = texts.map((text) => (read ? read(text, name) : text))
    if (given.length > 0) options[option] = many ? given : given[0]
  }
  return { options, flags: values, positionals }
}

/**
 * @param {string[]} args
 * @param {Record<string, Flag>} more
 * @returns {{ values: Values, positionals: string[] }}
 */
function parse(args, more) {
  /** @type {NonNullable<import('node:util').ParseArgsConfig['options']>} */
  const options = {}
  for (const [name, { value, many }] of Object.entries(
    /** @type {Record<string, Flag>} */ ({ ...CONFIGURATION, ...more })
  )) {
    options[name] = { type: value === undefined ? 'boolean' : 'string', multiple: many === true }
  }
  for (const name of Object.keys(SWITCHES)) options[name] = { type: 'boolean' }
  options.help = { type: 'boolean', short: 'h' }
  try {
    return parseArgs({ args, options, allowPositionals: true, strict: true })
  } catch (error) {
    // Node's messages name the flag, and never a positional that might be a token.
    if (codeOf(error)?.startsWith('ERR_PARSE_ARGS_')) throw new UsageError(messageOf(error).split('. ')[0])
    throw error
  }
}

/** @param {string} text */
function number(text) {
  const value = Number(text)
  // The option itself rejects anything else, and says what it expects.
  return text.trim() === '' || Number.isNaN(value) ? text : value
}

/**
 * @param {string} path
 * @param {string} flag
 */
function file(path, flag) {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new UsageError(`--${flag} ${path} cannot be read: ${codeOf(error)}`)
  }
}

/**
 * @param {string} path
 * @param {string} flag
 */
function json(path, flag) {
  try {
    return JSON.parse(file(path, flag))
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError(`--${flag} ${path} is not JSON`)
  }
}

/**
 * The list of flags for `--help`.
 *
 * @param {Record<string, Flag>} [more] flags of one command
 */
function flagsHelp(more = {}) {
  /** @type {(flag: string, help: string) => string} */
  const line = (flag, help) => `  ${flag.padEnd(28)}${help}`
  const all = Object.entries(/** @type {Record<string, Flag>} */ ({ ...CONFIGURATION, ...more }))
  const flags = all.map(([name, { value, many, help }]) =>
    line(value === undefined ? `--${name}` : `--${name} <${value}>`, many ? `${help}; may be repeated` : help)
  )
  const switches = Object.entries(SWITCHES).map(([name, help]) => line(`--${name}`, help))
  return [...flags, ...switches].join('\n')
}

module.exports = { UsageError, flagsHelp, readCommandLine }
