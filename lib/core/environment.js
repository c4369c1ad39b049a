'use strict'

/**
 * The environment variables of each option; the first that is set wins. Those of this package come before those that
 * Azure's platforms set to the service's own identity. Lower-case names are read too.
 */
const VARIABLES = {
  tenantId: ['ENTRA_TENANT_ID', 'AZURE_TENANT_ID'],
  clientId: ['ENTRA_CLIENT_ID', 'AZURE_CLIENT_ID'],
  audience: ['ENTRA_AUDIENCE', 'AZURE_AUDIENCE'],
  authorityHost: ['ENTRA_AUTHORITY_HOST', 'AZURE_AUTHORITY_HOST'],
  authority: ['ENTRA_AUTHORITY']
}

/** Variables by which a platform tells a service its own identity; `AZURE_CLIENT_ID` then names that, not the API. */
const PLATFORM_VARIABLES = ['AZURE_FEDERATED_TOKEN_FILE', 'IDENTITY_ENDPOINT', 'MSI_ENDPOINT']

/**
 * @typedef {keyof typeof VARIABLES} VariableOption an option for which a variable can stand
 * @typedef {Record<string, string | undefined>} Environment
 * @typedef {{ name: string, value: string }} Variable
 * @typedef {(hint: string) => string} Hints
 */

/**
 * The names of the variables of an option.
 *
 * @param {VariableOption} option
 */
function variableNames(option) {
  return VARIABLES[option]
}

/**
 * The variable that sets an option, with its name in upper case.
 *
 * @param {VariableOption} option
 * @param {Environment} environment
 * @returns {Variable | undefined}
 */
function variableOf(option, environment) {
  const found = firstSet(
    VARIABLES[option].flatMap((name) => [name, name.toLowerCase()]),
    environment
  )
  return found && { name: found.name.toUpperCase(), value: found.value }
}

/**
 * Adds options from the environment. An explicit option wins; an empty variable counts as not set.
 *
 * @param {Record<string, any>} given options, which inherit nothing
 * @param {Environment} environment
 * @returns {(Variable & { option: VariableOption })[]} the variables that were read
 */
function addVariables(given, environment) {
  /** @type {ReturnType<typeof addVariables>} */
  const read = []
  // With several authorities no variable is read: it would apply to all of them.
  if (given.authorities !== undefined) return read
  const add = (/** @type {VariableOption} */ option) => {
    const variable = given[option] === undefined ? variableOf(option, environment) : undefined
    if (variable === undefined) return
    given[option] = variable.value
    read.push({ ...variable, option })
  }
  // An authority includes its tenant and host. An explicit option wins over both variables.
  if (given.tenantId === undefined && given.authorityHost === undefined) add('authority')
  const isWhole = given.authority !== undefined
  if (read.length > 0) {
    // If both variables of this package are set, they contradict each other, and the core reports that.
    given.tenantId = ownVariable('tenantId', environment)
    given.authorityHost = ownVariable('authorityHost', environment)
  }
  if (!isWhole) add('tenantId')
  add('clientId')
  add('audience')
  if (!isWhole) add('authorityHost')
  return read
}

/** Names that may be meant for this package: of `ENTRA_…` all, of `AZURE_…` those that restrict. */
const MAYBE_MEANT = /^(?:entra_|azure_(?:allowed|required|issuer))/i

/**
 * Variables that are set and named like an option that has none: see `unread-variables.js`, which is only loaded for names that are none
 * of ours.
 *
 * @param {Record<string, unknown>} given
 * @param {Environment} environment
 * @returns {import('./unread-variables').Unread[]}
 */
function variablesWithoutEffect(given, environment) {
  const ours = Object.values(VARIABLES).flat()
  const isOther = (/** @type {string} */ name) => MAYBE_MEANT.test(name) && !ours.includes(name.toUpperCase())
  if (!Object.keys(environment).some(isOther)) return []
  const isSet = (/** @type {string} */ name) => Boolean(firstSet([name, name.toLowerCase()], environment)?.value.trim())
  return require('./unread-variables').unreadVariables(given, isSet)
}

/**
 * The value of this package's own variable for an option, without Azure's.
 *
 * @param {VariableOption} option
 * @param {Environment} environment
 */
function ownVariable(option, environment) {
  const found = variableOf(option, environment)
  return found?.name.startsWith('ENTRA_') ? found.value : undefined
}

/**
 * The first of some variables that is set; empty counts as not set.
 *
 * @param {string[]} names
 * @param {Environment} environment
 * @returns {Variable | undefined}
 */
function firstSet(names, environment) {
  for (const name of names) {
    const value = environmentVariable(name, environment)
    if (value) return { name, value }
  }
  return undefined
}

/**
 * An environment variable, which `Object.prototype` cannot set.
 *
 * @param {string} name
 * @param {Environment} [environment]
 */
function environmentVariable(name, environment = process.env) {
  return Object.hasOwn(environment, name) ? environment[name] : undefined
}

/**
 * A proxy variable. The lower-case name wins, as in curl and Node.js; empty counts as not set.
 *
 * @param {string} name in upper case
 * @param {Environment} environment
 */
function proxyVariable(name, environment) {
  return firstSet([name.toLowerCase(), name], environment)
}

/**
 * @param {Record<string, string>} variables that were read
 * @param {Environment} environment
 */
function platformWarning(variables, environment) {
  const platform = firstSet(PLATFORM_VARIABLES, environment)
  if (variables.clientId !== 'AZURE_CLIENT_ID' || platform === undefined) return undefined
  return `AZURE_CLIENT_ID is the accepted audience, but ${platform.name} is set: then AZURE_CLIENT_ID usually is the \
identity that this service calls others with. Set ENTRA_CLIENT_ID or ENTRA_AUDIENCE to the API's own.`
}

/**
 * Hints name this package's variables. If Azure's variables configured the process, a hint has to name those instead:
 * also for a variable that is not set, unless the platform sets it for another purpose.
 *
 * @param {Record<string, string>} variables that were read, by the options that they stand for
 * @param {Environment} environment
 * @returns {Hints | undefined} nothing, if hints stay as they are
 */
function hintsOf(variables, environment) {
  const read = Object.values(variables)
  if (!read.some(isOfAzure)) return undefined
  const areAll = read.every(isOfAzure) && firstSet(PLATFORM_VARIABLES, environment) === undefined
  const names = new Map(
    Object.entries(VARIABLES).flatMap(([option, [ours, azures]]) => {
      const name = variables[option] ?? (areAll ? azures : undefined)
      return name === undefined ? [] : [[ours, name]]
    })
  )
  return (hint) => hint.replace(/\bENTRA_[A-Z_]+/g, (name) => names.get(name) ?? name)
}

/**
 * A hint for a verifier that reads no variables: it names options only.
 *
 * @type {Hints}
 */
function withoutVariables(hint) {
  const ours = 'ENTRA_[A-Z_]+'
  return hint
    .replace(new RegExp(`${ours}(?:(?:,| and| or) ${ours})* \\(option ([^;)]*)[^)]*\\)`, 'g'), 'the option $1')
    .replace(new RegExp(` \\(${ours}\\)`, 'g'), '')
}

/**
 * The same object, with the variables that configured the process in its hint.
 *
 * @template {{ hint?: string | undefined }} T
 * @param {T} told
 * @param {Hints | undefined} hints
 * @returns {T}
 */
function withHint(told, hints) {
  // A missing member must not be inherited.
  const hint = hints && Object.hasOwn(told, 'hint') ? told.hint : undefined
  return hints === undefined || hint === undefined ? told : { ...told, hint: hints(hint) }
}

/** @param {string} name */
function isOfAzure(name) {
  return name.startsWith('AZURE_')
}

module.exports = {
  addVariables,
  environmentVariable,
  firstSet,
  hintsOf,
  platformWarning,
  proxyVariable,
  variableNames,
  variablesWithoutEffect,
  withHint,
  withoutVariables
}
