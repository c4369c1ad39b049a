'use strict'

/**
 * One thing that doctor looked at.
 *
 * @typedef {{ name: string, status: 'passed' | 'warning' | 'failed' | 'skipped', message: string, hint?: string }} Step
 */

/** @type {(name: string, message: string) => Step} */
const passed = (name, message) => ({ name, status: 'passed', message })

/** @type {(name: string, message: string) => Step} */
const skipped = (name, message) => ({ name, status: 'skipped', message })

/** @type {(name: string, message: string, hint: string) => Step} */
const warning = (name, message, hint) => ({ name, status: 'warning', message, hint })

/** @type {(name: string, message: string, hint: string) => Step} */
const failed = (name, message, hint) => ({ name, status: 'failed', message, hint })

module.exports = { failed, passed, skipped, warning }
