'use strict'

const { codeOf, messageOf } = require('../../thrown')
const { mistake } = require('./mistake')

/** What this adapter uses of Nest, which is an optional peer. */
module.exports = load()

function load() {
  try {
    const common = require('@nestjs/common')
    const { ExternalContextCreator, HttpAdapterHost, ModulesContainer } = require('@nestjs/core')
    return { ...common, ExternalContextCreator, HttpAdapterHost, ModulesContainer }
  } catch (cause) {
    if (codeOf(cause) !== 'MODULE_NOT_FOUND') throw cause
    // Below the first line is a list of paths.
    const [missing] = messageOf(cause).split('\n')
    throw mistake(
      `entra-jwt-verify/nest needs the packages of NestJS: ${missing}`,
      'install them where the application is: npm install @nestjs/common @nestjs/core reflect-metadata rxjs',
      cause
    )
  }
}
