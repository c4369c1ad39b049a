'use strict'

/**
 * A line for the shell that sets a variable: for sh, or on Windows for PowerShell.
 *
 * @param {string} name
 * @param {string} value
 * @param {string} [platform]
 */
function exportLine(name, value, platform = process.platform) {
  if (platform === 'win32') return `$env:${name} = '${value.replaceAll("'", "''")}'`
  return `export ${name}=${/^[\w./:@%+,=-]*$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`}`
}

/**
 * The value of a variable, within double quotes.
 *
 * @param {string} name
 * @param {string} [platform]
 */
function variable(name, platform = process.platform) {
  return platform === 'win32' ? `$env:${name}` : `$${name}`
}

module.exports = { exportLine, variable }
