'use strict'

const { Auth, Public, decorators } = require('./nest/decorators')
const { EntraAuthGuard } = require('./nest/guard')
const { EntraAuthModule } = require('./nest/module')

module.exports = { Auth, EntraAuthGuard, EntraAuthModule, Public, decorators }
