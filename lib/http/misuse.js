'use strict'

const { configError } = require('../core/errors')

/** For a middleware that is called instead of passed: `app.use(checkAuthToken())`. */
function notAMiddleware() {
  return configError(
    'checkAuthToken',
    'it is the middleware itself: write app.use(checkAuthToken), or with options app.use(createCheckAuthToken({ … }))'
  )
}

module.exports = { notAMiddleware }
