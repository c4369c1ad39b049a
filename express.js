'use strict'

// The main entry under the name of the framework. The import also tells TypeScript that Express requests have `auth`.
module.exports = require('./index.js')
