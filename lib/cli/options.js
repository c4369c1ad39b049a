'use strict'

const { readFileSync } = require('node:fs')
const { codeOf } = require('../thrown')
const { listOf, readFlags } = require('./flags')
const { UsageError } = require('./usage')

/** @import { Options } from '../..' */
/** @import { Flag, Values } from './flags' */

/**
 * A flag that sets an option of the verifier. Without `read` the text is the option's value.
 *
 * @typedef {Flag & { option: keyof Options, read?: (text: string, flag: string) => unknown }} OptionFlag
 */

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
  authorities: {
    option: 'authorities',
    value: 'file',
    read: json,
    help: 'several authorities: a JSON array of their options'
  },
  issuer: { option: 'issuer', value: 'iss', help: 'accepted issuer, instead of the derived ones' },
  'allowed-tenant': { option: 'allowedTenants', value: 'id', many: true, help: "accepted tenant, or '*'" },
  'allowed-client': { option: 'allowedClients', value: 'id', many: true, help: 'accepted client' },
  'required-role': {
    option: 'requiredRoles',
    value: 'role',
    many: true,
    help: 'required app role; one match suffices'
  },
  'required-scope': {
    option: 'requiredScopes',
    value: 'scope',
    many: true,
    help: 'required scope; one match suffices'
  },
  algorithm: { option: 'algorithms', value: 'alg', many: true, help: 'accepted algorithm' },
  'clock-tolerance': {
    option: 'clockTolerance',
    value: 'seconds',
    read: number,
    help: 'allowed clock skew for exp and nbf'
  },
  'max-token-length': { option: 'maxTokenLength', value: 'bytes', read: number, help: 'maximum token length' },
  jwks: { option: 'jwks', value: 'file', read: json, help: 'static keys; nothing is fetched' },
  'jwks-uri': { option: 'jwksUri', value: 'url', help: 'URL to fetch keys from' },
  ca: { option: 'ca', value: 'file', many: true, read: file, help: 'additional certificates to trust, PEM' },
  proxy: { option: 'proxy', value: 'url', help: 'forward proxy' },
  timeout: {
    option: 'keys',
    value: 'seconds',
    read: (text) => ({ timeout: number(text) }),
    help: 'time limit of one key fetch'
  }
}

/** @type {Record<string, Flag>} */
const SWITCHES = {
  'no-proxy': { help: 'ignore HTTPS_PROXY' },
  json: { help: 'print JSON' }
}

/**
 * Reads a command line. The options are not checked: the verifier does that.
 *
 * @param {string[]} args
 * @param {Record<string, Flag>} [more] flags of one command
 * @returns {{ options: Options, flags: Values, positionals: string[] }}
 */
function readCommandLine(args, more = {}) {
  const { values, positionals } = readFlags(args, { ...CONFIGURATION, ...more, ...SWITCHES })
  /** @type {Record<string, unknown>} */
  const options = values['no-proxy'] ? { proxy: false } : {}
  for (const [name, { option, many, read }] of Object.entries(CONFIGURATION)) {
    const texts = [values[name] ?? []].flat().map(String)
    const given = texts.map((text) => (read ? read(text, name) : text))
    if (given.length > 0) options[option] = many ? given : given[0]
  }
  return { options, flags: values, positionals }
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
  return listOf({ ...CONFIGURATION, ...more, ...SWITCHES })
}

module.exports = { UsageError, file, flagsHelp, readCommandLine }
