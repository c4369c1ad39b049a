'use strict'

/**
 * One step of doctor. `about` is the option that a problem with the environment concerns; `follows` is the name of the
 * failed step that caused this failure.
 *
 * @typedef {object} Step
 * @property {string} name
 * @property {'passed' | 'warning' | 'failed' | 'skipped'} status
 * @property {string} message
 * @property {string} [hint]
 * @property {string} [about]
 * @property {string} [follows]
 * @property {string} [authority] of several, the one that was examined
 */

const MOST_CHARACTERS = 600

/**
 * Some texts come from a server: they must not control the terminal, be displayed differently than written, or fill the
 * screen.
 *
 * @param {string} text
 */
function printable(text) {
  const shown = text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '?')
  return shown.length > MOST_CHARACTERS ? `${shown.slice(0, MOST_CHARACTERS)}…` : shown
}

/** @type {(name: string, message: string) => Step} */
const passed = (name, message) => ({ name, status: 'passed', message: printable(message) })

/** @type {(name: string, message: string) => Step} */
const skipped = (name, message) => ({ name, status: 'skipped', message: printable(message) })

/** @type {(name: string, message: string, hint: string) => Step} */
const warning = (name, message, hint) => problem(name, 'warning', message, hint)

/** @type {(name: string, message: string, hint: string) => Step} */
const failed = (name, message, hint) => problem(name, 'failed', message, hint)

/** @type {(name: string, status: 'warning' | 'failed', message: string, hint: string) => Step} */
function problem(name, status, message, hint) {
  return { name, status, message: printable(message), hint: printable(hint) }
}

/** @type {(option: string, step: Step) => Step} */
const about = (option, step) => ({ ...step, about: option })

module.exports = { about, failed, passed, skipped, warning }
