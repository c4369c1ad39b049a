'use strict'

/** A mistake in the command line; its message is for the user. */
class UsageError extends Error {}

module.exports = { UsageError }
