'use strict'

const { dotenvNames } = require('./dotenv')
const { fits, optionMeant } = require('./names')
const { addVariables, environmentVariable, variableNames, variablesWithoutEffect } = require('../../core/environment')
const { ownOnly } = require('../../core/own-only')
const { about, failed, warning } = require('../steps')

/**
 * @import { Environment, VariableOption } from '../../core/environment'
 * @import { Options } from '../../..'
 * @import { Step } from '../steps'
 */

const NAME = 'environment'

/** The options that a variable can set. */
const SETTABLE = /** @type {VariableOption[]} */ (['tenantId', 'clientId', 'audience', 'authorityHost', 'authority'])

/**
 * Variables that were meant to configure the process but do not: misspelt, empty, or in a file that is not loaded. Only
 * for options that are not set otherwise.
 *
 * @param {Options} options
 * @param {Environment} environment
 * @param {string} directory where files with variables are looked for
 * @returns {Step[]}
 */
function examineUnread(options, environment, directory) {
  const given = ownOnly(options)
  const read = addVariables(given, environment)
  /** @param {VariableOption} option */
  const isEmpty = (option) => read.some((variable) => variable.option === option && variable.value.trim() === '')
  const missing = SETTABLE.filter((option) => given[option] === undefined || isEmpty(option))
  const needed = missing.filter((option) => isNeeded(option, given))
  return [
    misnamed(missing, needed, environment),
    withoutEffect(given, environment),
    empty(missing, needed, environment),
    notLoaded(needed, environment, directory)
  ].flat()
}

/**
 * Whether a required option is missing: the tenant, or the audience.
 *
 * @param {VariableOption} option
 * @param {Options} given
 */
function isNeeded(option, given) {
  const isForeign = given.authority !== undefined || given.issuer !== undefined
  if (option === 'tenantId') return !isForeign && given.allowedTenants === undefined
  return option === 'clientId' && given.audience === undefined
}

/**
 * @param {VariableOption[]} missing
 * @param {VariableOption[]} needed
 * @param {Environment} environment
 */
function misnamed(missing, needed, environment) {
  const found = Object.entries(environment).flatMap(([name, value]) => {
    if (!value?.trim() || isRead(name)) return []
    const option = optionMeant(name)
    return option && missing.includes(option) && fits(option, value) ? [{ name, option }] : []
  })
  if (found.length === 0) return []
  const report = found.some(({ option }) => needed.includes(option)) ? failed : warning
  const names = list(found.map(({ name }) => name))
  const [verb, them, unread] = found.length === 1 ? ['is', 'it', 'this name'] : ['are', 'them', 'these names']
  const pairs = found.map(({ name, option }) => `${name} to ${variableNames(option)[0]}`)
  const hint = `rename ${them}: ${pairs.join(', ')}`
  return about('tenantId', report(NAME, `${names} ${verb} set, but nothing reads ${unread}`, hint))
}

/**
 * Never a failure: the application's own code may read the variable and set the option, which cannot be seen from here.
 *
 * @param {Options} given
 * @param {Environment} environment
 */
function withoutEffect(given, environment) {
  return variablesWithoutEffect({ ...given }, environment).map(({ option, text, advice }) =>
    about(option, warning(NAME, text, advice))
  )
}

/**
 * @param {VariableOption[]} missing
 * @param {VariableOption[]} needed
 * @param {Environment} environment
 */
function empty(missing, needed, environment) {
  return missing.flatMap((option) => {
    const name = variableNames(option).find((each) => {
      const value = environmentVariable(each, environment) ?? environmentVariable(each.toLowerCase(), environment)
      return value !== undefined && value.trim() === ''
    })
    if (name === undefined) return []
    const report = needed.includes(option) ? failed : warning
    const hint = `set ${name}, or unset it; a compose file or pipeline that has \${…} there leaves it empty where that is not set`
    return about(option, report(NAME, `${name} is empty`, hint))
  })
}

/**
 * @param {VariableOption[]} needed
 * @param {Environment} environment
 * @param {string} directory
 */
function notLoaded(needed, environment, directory) {
  if (needed.length === 0) return []
  return dotenvNames(directory).flatMap(({ file, names, load }) => {
    const found = names.filter((name) => {
      const option = SETTABLE.find((each) => variableNames(each).includes(name.toUpperCase())) ?? optionMeant(name)
      return option && needed.includes(option) && environmentVariable(name, environment) === undefined
    })
    if (found.length === 0) return []
    return about(
      'tenantId',
      failed(NAME, `${file} in this folder sets ${list(found)}, and nothing has loaded it`, load)
    )
  })
}

/** @param {string} name */
function isRead(name) {
  return SETTABLE.some((option) => variableNames(option).some((each) => name === each || name === each.toLowerCase()))
}

/** @param {string[]} names */
function list(names) {
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}

module.exports = { examineUnread }
