'use strict'

const { readFileSync } = require('node:fs')
const { parseArgs } = require('node:util')

/** A command line that cannot be understood; its message is for the user. */
class UsageError extends Error {}

/**
 * The flags that configure a verifier, by name: the option each sets, what its value is, and what `--help` says. Those
 * marked `many` may be given several times.
 */
const CONFIGURATION = {
  'tenant-id': {
    option: 'tenantId',
    value: 'id',
    help: 'whose tokens: GUID, domain, common, organizations, consumers'
  },
  'client-id': { option: 'clientId', value: 'id', help: "the API's own application id" },
  audience: { option: 'audience', value: 'aud', many: true, help: 'accepted audience' },
  'authority-host': { option: 'authorityHost', value: 'url', help: 'origin of the cloud' },
  authority: { option: 'authority', value: 'url', help: 'another authority, read through OIDC discovery' },
  issuer: { option: 'issuer', value: 'iss', help: 'accepted issuer, in place of the derived ones' },
  'allowed-tenant': { option: 'allowedTenants', value: 'id', many: true, help: "accepted tenant, or '*'" },
  'allowed-client': { option: 'allowedClients', value: 'id', many: true, help: 'client that may call' },
  'required-role': { option: 'requiredRoles', value: 'role', many: true, help: 'app role, any of which is needed' },
  'required-scope': { option: 'requiredScopes', value: 'scope', many: true, help: 'scope, any of which is needed' },
  algorithm: { option: 'algorithms', value: 'alg', many: true, help: 'accepted algorithm' },
  'clock-tolerance': { option: 'clockTolerance', value: 'seconds', read: number, help: 'for exp and nbf' },
  'max-token-length': { option: 'maxTokenLength', value: 'bytes', read: number, help: 'of the longest token' },
  jwks: { option: 'jwks', value: 'file', read: json, help: 'keys from a file: nothing is fetched' },
  'jwks-uri': { option: 'jwksUri', value: 'url', help: 'another URL to fetch keys from' },
  ca: { option: 'ca', value: 'file', many: true, read: file, help: 'certificates to trust besides, PEM' },
  proxy: { option: 'proxy', value: 'url', help: 'forward proxy' },
  timeout: { option: 'keys', value: 'seconds', read: (text) => ({ timeout: number(text) }), help: 'for one fetch' }
}

const SWITCHES = {
  'no-proxy': 'do not use the proxy of HTTPS_PROXY',
  json: 'for programs',
  help: 'this text'
}

/**
 * Reads a command line.
 *
 * @param {string[]} args
 * @param {Record<string, { value: string, help: string }>} [more] flags of one command
 * @returns {{ options: object, flags: object, positionals: string[] }}
 */
function readCommandLine(args, more = {}) {
  const { values, positionals } = parse(args, more)
  const options = values['no-proxy'] ? { proxy: false } : {}
  for (const [name, { option, many, read = (text) => text }] of Object.entries(CONFIGURATION)) {
    if (values[name] === undefined) continue
    options[option] = many ? values[name].map((text) => read(text, name)) : read(values[name], name)
  }
  return { options, flags: values, positionals }
}

function parse(args, more) {
  const text = ({ many }) => ({ type: 'string', multiple: many === true })
  const flags = Object.entries({ ...CONFIGURATION, ...more }).map(([name, flag]) => [name, text(flag)])
  const switches = Object.keys(SWITCHES).map((name) => [name, { type: 'boolean' }])
  const options = Object.fromEntries([...flags, ...switches])
  options.help.short = 'h'
  try {
    return parseArgs({ args, options, allowPositionals: true, strict: true })
  } catch (error) {
    // Node's messages name the flag, and never a positional that might be a token.
    if (/^ERR_PARSE_ARGS_/.test(error.code)) throw new UsageError(error.message.split('. ')[0])
    throw error
  }
}

function number(text) {
  const value = Number(text)
  // What is no number is refused by the option itself, which says what it accepts.
  return text.trim() === '' || Number.isNaN(value) ? text : value
}

function file(path, flag) {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new UsageError(`--${flag} ${path} cannot be read: ${error.code}`)
  }
}

function json(path, flag) {
  try {
    return JSON.parse(file(path, flag))
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError(`--${flag} ${path} is not JSON`)
  }
}

/** The list of flags for `--help`. */
function flagsHelp(more = {}) {
  const flags = Object.entries({ ...CONFIGURATION, ...more }).map(([name, { value, many, help }]) => [
    `--${name} <${value}>`,
    many ? `${help}; may be repeated` : help
  ])
  const switches = Object.entries(SWITCHES).map(([name, help]) => [`--${name}`, help])
  return [...flags, ...switches].map(([flag, help]) => `  ${flag.padEnd(28)}${help}`).join('\n')
}

module.exports = { UsageError, flagsHelp, readCommandLine }
