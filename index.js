'use strict'

const { AuthError } = require('./lib/errors')
const { checkAuthToken, createCheckAuthToken } = require('./lib/middleware')
const { VerifiedToken } = require('./lib/verified-token')
const { Verifier, createVerifier } = require('./lib/verifier')

// One literal, so that Node finds the names for `import { checkAuthToken }`.
module.exports = { AuthError, VerifiedToken, Verifier, checkAuthToken, createCheckAuthToken, createVerifier }
