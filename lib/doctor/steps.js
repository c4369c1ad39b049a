'use strict'

/**
 * One thing that doctor looked at.
 *
 * @typedef {{ name: string, status: 'passed' | 'warning' | 'failed' | 'skipped', message: string, hint?: string }} Step
 */

/** @returns {Step} */
const passed = (name, message) => ({ name, status: 'passed', message })

/** @returns {Step} */
const skipped = (name, message) => ({ name, status: 'skipped', message })

/** @returns {Step} */
const warning = (name, message, hint) => ({ name, status: 'warning', message, hint })

/** @returns {Step} */
const failed = (name, message, hint) => ({ name, status: 'failed', message, hint })

module.exports = { failed, passed, skipped, warning }
