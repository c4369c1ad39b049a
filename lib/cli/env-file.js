'use strict'

const { readFileSync } = require('node:fs')
const util = require('node:util')
const { codeOf } = require('../thrown')
const { UsageError } = require('./usage')

/** What Node 20.12 added to `node:util`. */
const { parseEnv } = /** @type {{ parseEnv?: (text: string) => Record<string, string> }} */ (util)

/**
 * Adds variables from files to the environment, as `node --env-file` does: existing variables are not overwritten, and
 * the last file wins.
 *
 * @param {readonly string[]} paths
 * @param {Record<string, string | undefined>} [environment]
 */
function loadEnvFiles(paths, environment = process.env) {
  const before = new Set(Object.keys(environment))
  for (const path of paths) {
    for (const [name, value] of Object.entries(variablesOf(path))) {
      if (!before.has(name)) environment[name] = value
    }
  }
}

/** @param {string} path */
function variablesOf(path) {
  if (parseEnv === undefined) {
    const instead = 'set the variables in the shell'
    throw new UsageError(`--env-file needs Node.js 20.12 or newer, this is ${process.version}: ${instead}`)
  }
  try {
    return parseEnv(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new UsageError(`--env-file ${path} cannot be read: ${codeOf(error)}`)
  }
}

module.exports = { loadEnvFiles }
