'use strict'

// Not the global `URL`: under jsdom that is a browser's.
const { URL } = require('node:url')
const { proxyVariable } = require('./environment')
const { configError, kindOf } = require('./errors')

/**
 * The forward proxy of a configuration.
 *
 * @typedef {object} ProxySettings
 * @property {string | undefined} url
 * @property {string | undefined} noProxy what it is not for, as the core wants it: JSON of `Exception[]`
 */

/**
 * An entry of `NO_PROXY` for the core, which alone compares it with URLs: `src/keys/proxy.rs`.
 *
 * @typedef {[
 *   kind: 'domain' | 'subdomains' | 'network' | 'range',
 *   first: string,
 *   second: string | number | null,
 *   port: number | null
 * ]} Exception
 */

/** @typedef {{ value: string, name: string }} Source a text, and the variable or option that it comes from */

/**
 * The proxy from the option, or else from the environment. Throws if it is not a forward proxy for HTTPS; the error
 * names the variable, but not its value, which may contain a password.
 *
 * @param {unknown} option `proxy`
 * @param {Record<string, string | undefined>} environment
 * @returns {ProxySettings}
 */
function proxySettings(option, environment) {
  if (option === false) return { url: undefined, noProxy: undefined }
  // A proxy in the options applies to all hosts.
  if (option !== undefined) return { url: proxyUrl(optionSource(option)), noProxy: undefined }
  const proxy = proxyVariable('HTTPS_PROXY', environment)
  const { isForNone, exceptions } = readNoProxy(proxyVariable('NO_PROXY', environment)?.value)
  if (proxy === undefined || isForNone) return { url: undefined, noProxy: undefined }
  return { url: proxyUrl(proxy), noProxy: exceptions.length ? JSON.stringify(exceptions) : undefined }
}

/**
 * @param {unknown} value
 * @returns {Source}
 */
function optionSource(value) {
  if (typeof value === 'string' && value !== '') return { value, name: 'proxy' }
  throw configError('proxy', `expected the http or https URL of a forward proxy, or false; got ${kindOf(value)}`)
}

/**
 * The URL of a proxy. In a variable it is `http` without a scheme, as for curl.
 *
 * @param {Source} source
 */
function proxyUrl({ value, name }) {
  const trimmed = value.trim()
  if (/^["'`]|["'`]$/.test(trimmed)) throw unusable(name, 'got quotes around it: remove them')
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(trimmed)?.[1]?.toLowerCase()
  if (scheme?.startsWith('socks')) throw unusable(name, 'got a SOCKS proxy, which is not supported')
  if (scheme !== undefined && scheme !== 'http' && scheme !== 'https')
    throw unusable(name, 'got a URL with another scheme')
  if (scheme === undefined && name === 'proxy') throw unusable(name, 'got text that is not a URL')
  const url = scheme === undefined ? `http://${trimmed}` : trimmed
  if (/\s/.test(url) || !URL.canParse(url)) throw unusable(name, 'got text that is not a URL')
  const { pathname, search, hash, hostname } = new URL(url)
  if (`${pathname}${search}${hash}`.includes('@')) {
    throw unusable(name, 'got a user name or a password that is not percent-encoded')
  }
  // `file:/etc/proxy.pac`, `C:\\proxy.pac` and `http:/proxy` would be parsed as a host and a path.
  const isNoHost = scheme === undefined && pathname !== '/' && !/\.(pac|dat)$/i.test(pathname)
  if (isNoHost) throw unusable(name, 'got text that is not a URL')
  if (/\.(pac|dat)$/i.test(pathname) || /\.pac$/i.test(hostname)) {
    throw unusable(
      name,
      'got a proxy auto-configuration file (PAC), which is not evaluated: name the proxy that it chooses'
    )
  }
  return url
}

/**
 * @param {string} name of the variable or option
 * @param {string} problem
 */
function unusable(name, problem) {
  const expected = `expected the http or https URL of a forward proxy, ${problem}`
  const page = 'docs/proxies-and-certificates.md'
  return configError('proxy', expected, name === 'proxy' ? { page } : { page, variable: name })
}

/**
 * The entries of `NO_PROXY`, separated by commas or white space. The same forms as in curl and Node.js are supported:
 * `*` for all hosts; a domain, with or without a dot in front, for itself and the names below it; `*.domain` for those
 * names alone; an address, a network `10.0.0.0/8`, a range `10.0.0.1-10.0.0.9`. A name or address may have a port.
 * `unmatched` are the other entries, which match nothing.
 *
 * @param {string | undefined} list
 */
function readNoProxy(list) {
  const entries = (list ?? '').split(/[\s,]+/).filter((entry) => entry !== '')
  /** @type {Exception[]} */
  const exceptions = []
  /** @type {string[]} */
  const unmatched = []
  for (const entry of entries) {
    if (entry === '*') continue
    const exception = readAddresses(entry) ?? readDomain(entry)
    if (exception) exceptions.push(exception)
    else unmatched.push(entry)
  }
  return { isForNone: entries.includes('*'), exceptions, unmatched }
}

/**
 * @param {string} entry
 * @returns {Exception | undefined}
 */
function readAddresses(entry) {
  const range = /^([\d.]+)-([\d.]+)$/.exec(entry)
  if (range?.[1] && range[2]) {
    return family(range[1]) === 4 && family(range[2]) === 4 ? ['range', range[1], range[2], null] : undefined
  }
  const { host, port } = splitPort(entry)
  const [address = '', prefix, ...rest] = host.replace(/^\[(.*)\]$/, '$1').split('/')
  const version = family(address)
  if (version === undefined || port === undefined || rest.length) return undefined
  const longest = version === 4 ? 32 : 128
  if (prefix === undefined) return ['network', address, longest, port]
  return /^\d{1,3}$/.test(prefix) && Number(prefix) <= longest ? ['network', address, Number(prefix), port] : undefined
}

/**
 * @param {string} entry
 * @returns {Exception | undefined}
 */
function readDomain(entry) {
  const { host, port } = splitPort(entry)
  const isBelow = host.startsWith('*.')
  const domain = asInUrl(host.replace(/^\*?\./, '').replace(/\.$/, ''))
  // Host names should not contain an underscore, but some do.
  if (port === undefined || !/^[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?$/.test(domain) || family(domain)) return undefined
  return [isBelow ? 'subdomains' : 'domain', domain, null, port]
}

/**
 * An entry without its port. The port is `null` if there is none, and `undefined` if it is invalid.
 *
 * @param {string} entry
 * @returns {{ host: string, port: number | null | undefined }}
 */
function splitPort(entry) {
  if (family(entry.split('/')[0] ?? '') === 6) return { host: entry, port: null }
  const [, host = entry, digits] = /^(.*):([^:\]]*)$/.exec(entry) ?? []
  if (digits === undefined) return { host, port: null }
  const port = /^\d{1,5}$/.test(digits) ? Number(digits) : 0
  return { host, port: port > 0 && port <= 65_535 ? port : undefined }
}

/**
 * The version of an address, in the form that URLs have, as in the core. `node:net` would have to be loaded for this.
 *
 * @param {string} text
 * @returns {4 | 6 | undefined}
 */
function family(text) {
  if (/^(\d{1,3}\.){3}\d{1,3}$/.test(text)) return asInUrl(text) === text ? 4 : undefined
  return /^[\da-f:.]+$/i.test(text) && text.includes(':') && URL.canParse(`http://[${text}]`) ? 6 : undefined
}

/**
 * A host name as in URLs: lower case and ASCII. Empty if it is invalid.
 *
 * @param {string} name
 */
function asInUrl(name) {
  const url = `http://${name}`
  return /^[^\s/@:?#\\[\]]+$/.test(name) && URL.canParse(url) ? new URL(url).hostname : ''
}

module.exports = { proxySettings, readNoProxy }
