'use strict'

const { readFileSync, readdirSync, statSync } = require('node:fs')
const { join } = require('node:path')

/** Bytes of the largest file that is read. */
const MAX_BYTES = 65_536

/**
 * The names of the variables in files of a folder that are not loaded. Values are not read.
 *
 * @param {string} directory
 * @returns {{ file: string, names: string[], load: string }[]} with what loads the file
 */
function dotenvNames(directory) {
  return filesOf(directory).map((file) => {
    const text = textOf(join(directory, file))
    return file.endsWith('.json')
      ? { file, names: settingsNames(text), load: `start the function with func start, which alone loads ${file}` }
      : { file, names: lineNames(text), load: loadHint(file) }
  })
}

/** @param {string} file */
function loadHint(file) {
  return `load it: node --env-file=${file} …, or require('dotenv/config') before anything else; here, add --env-file ${file}`
}

/** @param {string} directory */
function filesOf(directory) {
  try {
    return readdirSync(directory).filter(
      (name) => /^\.env(?:\.[\w.-]+)?$|^local\.settings\.json$/.test(name) && !isExample(name)
    )
  } catch {
    return []
  }
}

/** @param {string} name */
function isExample(name) {
  return /\.(?:example|sample|template|dist|defaults)$/.test(name)
}

/** @param {string} path */
function textOf(path) {
  try {
    const status = statSync(path)
    return status.isFile() && status.size <= MAX_BYTES ? readFileSync(path, 'utf8') : ''
  } catch {
    return ''
  }
}

/** @param {string} text */
function lineNames(text) {
  return [...text.matchAll(/^[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.]*)[ \t]*=/gm)].map(([, name = '']) => name)
}

/** @param {string} text of the settings of Azure Functions */
function settingsNames(text) {
  try {
    return Object.keys(JSON.parse(text).Values ?? {})
  } catch {
    return []
  }
}

module.exports = { dotenvNames }
