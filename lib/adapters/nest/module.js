'use strict'

const { randomUUID } = require('node:crypto')
const { kindOf } = require('../../core/errors')
const { isPlainObject } = require('../../core/options')
const { createProtection, environmentProtection } = require('../../http/protection')
const { Verifier } = require('../../http/verifier')
const { HttpAdapterHost, Inject, Module, Optional } = require('./common')
const { EntraAuthGuard, PROTECTION } = require('./guard')
const { mistake } = require('./mistake')
const { StartCheck } = require('./start')

/** @import { DynamicModule, Provider } from '@nestjs/common' */
/** @import { AppProtection } from '../../http/protection' */

/** Where `forRootAsync` gets options from. */
const SOURCES = ['useClass', 'useExisting', 'useFactory']

/** What it takes. */
const ASYNC_OPTIONS = ['imports', 'inject', 'isGlobal', ...SOURCES]

const ID = Symbol('EntraAuthModule.id')

/** Verifies tokens by one configuration. Provides the guard and the verifier, and serves the resource metadata. */
class EntraAuthModule {
  #protection
  #host

  /**
   * @param {AppProtection} protection
   * @param {{ httpAdapter?: any } | undefined} host
   */
  constructor(protection, host) {
    this.#protection = protection
    this.#host = host
  }

  /**
   * @param {any} [given] options, and `isGlobal`
   * @param {unknown[]} more
   * @returns {DynamicModule}
   */
  static forRoot = function forRoot(given, ...more) {
    // Nest makes an instance of what is among the imports.
    if (new.target !== undefined) throw notCalled('forRoot()')
    if (more.length > 0) require('../../http/misuse').assertOneArgument('EntraAuthModule.forRoot', more)
    const { isGlobal, options } = withoutGlobal(given)
    const useFactory = () => (options === undefined ? environmentProtection() : createProtection(options))
    return moduleOf(isGlobal, [{ provide: PROTECTION, useFactory }])
  }

  /**
   * @param {any} given where the options come from, and `isGlobal`
   * @param {unknown[]} more
   * @returns {DynamicModule}
   */
  static forRootAsync = function forRootAsync(given, ...more) {
    if (new.target !== undefined) throw notCalled('forRootAsync({ … })')
    if (more.length > 0) require('../../http/misuse').assertOneArgument('EntraAuthModule.forRootAsync', more)
    const { imports, isGlobal, ...source } = asyncOptions(given)
    return { ...moduleOf(isGlobal, providersOf(source)), imports: imports ?? [] }
  }

  onModuleInit() {
    const { metadata } = this.#protection
    const adapter = this.#host?.httpAdapter
    if (metadata !== undefined && typeof adapter?.getInstance?.()?.options === 'function') serve(adapter, metadata)
  }
}
Module({})(EntraAuthModule)
Inject(PROTECTION)(EntraAuthModule, undefined, 0)
Inject(HttpAdapterHost)(EntraAuthModule, undefined, 1)
Optional()(EntraAuthModule, undefined, 1)

/**
 * Options without the module's own option `isGlobal`. `undefined`: configured by the environment.
 *
 * @param {any} given
 * @returns {{ isGlobal: unknown, options: any }}
 */
function withoutGlobal(given) {
  // Options that are not a plain object are rejected like other invalid options, when Nest creates the module.
  if (!isPlainObject(given) || !Object.hasOwn(given, 'isGlobal')) return { isGlobal: undefined, options: given }
  const { isGlobal, ...options } = /** @type {any} */ (given)
  return { isGlobal, options }
}

/** @param {any} given */
function asyncOptions(given) {
  const names = isPlainObject(given) ? Object.keys(given) : []
  const unknown = names.find((name) => !ASYNC_OPTIONS.includes(name))
  if (unknown !== undefined) throw asyncMistake(`expected ${ASYNC_OPTIONS.join(', ')}, got ${unknown.slice(0, 60)}`)
  const sources = names.filter((name) => SOURCES.includes(name))
  if (sources.length === 1) return given
  const got = isPlainObject(given) ? sources.join(' and ') || 'none of them' : kindOf(given)
  throw asyncMistake(`expected one of ${SOURCES.join(', ')}, got ${got}`)
}

/**
 * For `imports: [EntraAuthModule.forRoot]`.
 *
 * @param {string} call
 */
function notCalled(call) {
  const [name] = call.split('(')
  return mistake(`EntraAuthModule.${name} is used without parentheses`, `write imports: [EntraAuthModule.${call}]`)
}

/** @param {string} problem */
function asyncMistake(problem) {
  return mistake(
    `EntraAuthModule.forRootAsync: ${problem}`,
    'correct the argument; docs/frameworks/nest.md has examples'
  )
}

/**
 * @param {any} source
 * @returns {Provider[]}
 */
function providersOf({ inject, useClass, useExisting, useFactory }) {
  if (useFactory !== undefined) return [asyncProtection(useFactory, inject ?? [])]
  const create = (/** @type {any} */ factory) => factory.createEntraAuthOptions()
  const own = useClass === undefined ? [] : [{ provide: useClass, useClass }]
  return [...own, asyncProtection(create, [useClass ?? useExisting])]
}

/**
 * @param {(...injected: any[]) => unknown} factory
 * @param {any[]} inject
 * @returns {Provider}
 */
function asyncProtection(factory, inject) {
  const useFactory = async (/** @type {any[]} */ ...injected) => {
    const options = await factory(...injected)
    if (isPlainObject(options)) return createProtection(/** @type {any} */ (options))
    // Without this, a factory that returns nothing would mean the environment.
    throw asyncMistake(`expected the factory to return options, a plain object, got ${kindOf(options)}`)
  }
  return { provide: PROTECTION, useFactory, inject }
}

/**
 * @param {unknown} isGlobal
 * @param {Provider[]} providers
 * @returns {DynamicModule}
 */
function moduleOf(isGlobal = true, providers) {
  if (typeof isGlobal !== 'boolean') {
    throw mistake(`EntraAuthModule: isGlobal: expected true or false, got ${kindOf(isGlobal)}`, 'correct isGlobal')
  }
  const verifier = {
    provide: Verifier,
    useFactory: (/** @type {AppProtection} */ protection) => protection.verifier,
    inject: [PROTECTION]
  }
  // Nest treats modules as identical if they only differ in functions (deep-hash, the default of Nest 10).
  const id = { provide: ID, useValue: randomUUID() }
  return {
    module: EntraAuthModule,
    global: isGlobal,
    providers: [...providers, verifier, EntraAuthGuard, StartCheck, id],
    exports: [PROTECTION, Verifier, EntraAuthGuard]
  }
}

/**
 * The document at each path of an adapter of Nest.
 *
 * @type {WeakMap<object, Map<string, string>>}
 */
const SERVED = new WeakMap()

/**
 * Serves the document at the URL in challenges, regardless of the prefix of the application's routes.
 *
 * @param {any} adapter of Nest, for Express or Fastify
 * @param {NonNullable<AppProtection['metadata']>} metadata
 */
function serve(adapter, { url, answerTo }) {
  const { pathname } = new URL(url)
  const documents = SERVED.get(adapter) ?? new Map()
  SERVED.set(adapter, documents)
  const document = answerTo('GET').body
  const served = documents.get(pathname)
  if (served !== undefined && served !== document) throw otherDocument(pathname)
  // Fastify accepts each route only once.
  if (served !== undefined) return
  documents.set(pathname, document)
  for (const method of ['get', 'options']) {
    adapter[method](pathname, (/** @type {unknown} */ _request, /** @type {unknown} */ response) => {
      const { status, headers, body } = answerTo(method.toUpperCase())
      for (const [name, value] of Object.entries(headers)) adapter.setHeader(response, name, value)
      adapter.reply(response, body, status)
    })
  }
}

/** @param {string} pathname */
function otherDocument(pathname) {
  return mistake(
    `EntraAuthModule: two configurations have different resource metadata for one path, ${pathname}`,
    'give each configuration a resource with a path of its own, or both the same resourceMetadata'
  )
}

module.exports = { EntraAuthModule }
