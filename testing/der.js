'use strict'

const { isIP } = require('node:net')
const { URL } = require('node:url')

/**
 * The Distinguished Encoding Rules of ASN.1 (ITU-T X.690), as far as certificates need them: Node.js reads certificates, and has
 * no function that makes one. Each function returns the bytes of one value.
 */

const BOOLEAN = 0x01
const INTEGER = 0x02
const BIT_STRING = 0x03
const OCTET_STRING = 0x04
const NULL = 0x05
const OBJECT_IDENTIFIER = 0x06
const UTF8_STRING = 0x0c
const SEQUENCE = 0x30
const SET = 0x31
const UTC_TIME = 0x17
const GENERALIZED_TIME = 0x18

/**
 * @param {number} tag
 * @param {Buffer[]} contents
 */
function value(tag, ...contents) {
  const content = Buffer.concat(contents)
  return Buffer.concat([Buffer.from([tag]), length(content.length), content])
}

/** @param {number} bytes */
function length(bytes) {
  if (bytes < 0x80) return Buffer.from([bytes])
  const digits = bytes.toString(16)
  const encoded = Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex')
  return Buffer.concat([Buffer.from([0x80 | encoded.length]), encoded])
}

/** @param {Buffer[]} members */
const sequence = (...members) => value(SEQUENCE, ...members)

/** @param {Buffer[]} members */
const set = (...members) => value(SET, ...members)

/** @param {boolean} truth */
const boolean = (truth) => value(BOOLEAN, Buffer.from([truth ? 0xff : 0]))

const nothing = () => value(NULL)

/** @param {Buffer} bytes of a positive number whose highest bit is not set */
const integer = (bytes) => value(INTEGER, bytes)

/** @param {Buffer} bytes */
const octetString = (bytes) => value(OCTET_STRING, bytes)

/**
 * @param {Buffer} bytes
 * @param {number} [unused] bits at the end
 */
const bitString = (bytes, unused = 0) => value(BIT_STRING, Buffer.from([unused]), bytes)

/** @param {string} text */
const utf8String = (text) => value(UTF8_STRING, Buffer.from(text))

/** @param {string} dotted */
function objectIdentifier(dotted) {
  const [first = 0, second = 0, ...others] = dotted.split('.').map(Number)
  return value(OBJECT_IDENTIFIER, Buffer.from([40 * first + second, ...others.flatMap(base128)]))
}

/**
 * Seven bits a byte; all but the last have the highest bit set.
 *
 * @param {number} number
 */
function base128(number) {
  const bytes = [number & 0x7f]
  for (let rest = number >>> 7; rest > 0; rest >>>= 7) bytes.unshift(0x80 | (rest & 0x7f))
  return bytes
}

/**
 * RFC 5280, section 4.1.2.5: two digits for the year until 2049.
 *
 * @param {Date} date
 */
function time(date) {
  const text = `${date.toISOString().slice(0, 19).replace(/[-:T]/g, '')}Z`
  const isShort = date.getUTCFullYear() >= 1950 && date.getUTCFullYear() < 2050
  return isShort ? value(UTC_TIME, Buffer.from(text.slice(2))) : value(GENERALIZED_TIME, Buffer.from(text))
}

/**
 * A member with a context-specific tag, which replaces its own tag (`implicit`) or precedes it.
 *
 * @param {number} number
 * @param {Buffer} content
 */
const explicit = (number, content) => value(0xa0 | number, content)

/**
 * @param {number} number
 * @param {Buffer} content
 */
const implicit = (number, content) => value(0x80 | number, content)

/**
 * The bytes of an IP address, in network byte order.
 *
 * @param {string} address
 */
function addressBytes(address) {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number))
  // A URL writes the last 32 bits in hexadecimal, too.
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::')
  const groups = (/** @type {string | undefined} */ text) => (text ? text.split(':') : [])
  const zeros = Array.from({ length: 8 - groups(head).length - groups(tail).length }, () => '0')
  const all = [...groups(head), ...zeros, ...groups(tail)]
  return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex')
}

module.exports = {
  addressBytes,
  bitString,
  boolean,
  explicit,
  implicit,
  integer,
  nothing,
  objectIdentifier,
  octetString,
  sequence,
  set,
  time,
  utf8String
}
