'use strict'

const { BlockList, isIP } = require('node:net')

/**
 * Whether `NO_PROXY` lists a host, by the rules of the core's HTTP client: `*` is every host, a domain stands for itself
 * and its subdomains, with or without a dot in front, and an address may have a prefix length.
 *
 * @param {string | undefined} list separated by commas
 * @param {string} host without brackets
 */
function isExempt(list, host) {
  const entries = (list ?? '').split(',').map((entry) => entry.trim().toLowerCase())
  if (entries.includes('*')) return true
  return isIP(host)
    ? entries.some((entry) => matchesSubnet(entry, host))
    : entries.some((entry) => matchesDomain(entry, host))
}

/**
 * @param {string} domain
 * @param {string} host
 */
function matchesDomain(domain, host) {
  const name = domain.startsWith('.') ? domain.slice(1) : domain
  return name !== '' && (host === name || host.endsWith(`.${name}`))
}

/**
 * @param {string} entry
 * @param {string} address
 */
function matchesSubnet(entry, address) {
  const [network = '', prefix] = entry.split('/')
  const family = isIP(network) === 6 ? 'ipv6' : 'ipv4'
  if (!isIP(network) || isIP(network) !== isIP(address)) return false
  const list = new BlockList()
  try {
    if (prefix === undefined) list.addAddress(network, family)
    else list.addSubnet(network, Number(prefix), family)
  } catch {
    // An invalid prefix length matches nothing.
    return false
  }
  return list.check(address, family)
}

module.exports = { isExempt }
