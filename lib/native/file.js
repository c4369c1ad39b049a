'use strict'

const { closeSync, fstatSync, openSync, readFileSync, readSync, realpathSync } = require('node:fs')
const { createRequire } = require('node:module')

/**
 * e_machine of ELF, cputype of Mach-O, Machine of PE.
 *
 * @type {Record<'elf' | 'macho' | 'pe', Record<number, string>>}
 */
const MACHINES = {
  elf: { 3: 'ia32', 40: 'arm', 62: 'x64', 183: 'arm64', 243: 'riscv64' },
  macho: { 16777223: 'x64', 16777228: 'arm64' },
  pe: { 332: 'ia32', 34404: 'x64', 43620: 'arm64' }
}
const SYSTEMS = { elf: 'linux', macho: 'darwin', pe: 'win32' }

/**
 * The file that a failed `require` of the package was about, if it exists.
 *
 * @param {string} name
 * @param {string | undefined} from
 * @param {string} message
 * @returns {string | undefined}
 */
function fileOf(name, from, message) {
  try {
    if (from !== undefined) return createRequire(from).resolve(name)
  } catch {
    // A bundle may have its own copy.
  }
  return /(?:\/|[A-Za-z]:\\)[^\n'"():]*\.node/.exec(message)?.[0]
}

/**
 * What is wrong with the file, by its header: dlopen reports "No such file or directory" for a file for another
 * processor.
 *
 * @param {string} file
 * @param {string} target
 * @returns {string | undefined}
 */
function damageOf(file, target) {
  const start = readStart(file)
  if (start === undefined) return undefined
  const { bytes, size } = start
  const [os, arch] = target.split('-')
  if (size === 0) return 'it is empty'
  const format = formatOf(bytes)
  const found = format && MACHINES[format.kind][format.machine]
  if (format === undefined)
    return `expected an addon for ${os}-${arch}, got a file that is no executable (${size} bytes)`
  if (SYSTEMS[format.kind] !== os || found !== arch) {
    return `expected an addon for ${os}-${arch}, got one for ${SYSTEMS[format.kind]}-${found ?? 'another processor'}`
  }
  if (format.end > size) return `expected ${format.end} bytes, got ${size}`
  return undefined
}

/** @param {string} file */
function readStart(file) {
  try {
    const bytes = Buffer.alloc(1024)
    const descriptor = openSync(file, 'r')
    try {
      readSync(descriptor, bytes)
      return { bytes, size: fstatSync(descriptor).size }
    } finally {
      closeSync(descriptor)
    }
  } catch {
    return undefined
  }
}

/**
 * The kind of executable, its processor, and the size that its header announces.
 *
 * @param {Buffer} bytes
 * @returns {{ kind: 'elf' | 'macho' | 'pe', machine: number, end: number } | undefined}
 */
function formatOf(bytes) {
  if (bytes.readUInt32BE(0) === 0x7f454c46) return elf(bytes)
  if (bytes.readUInt32LE(0) === 0xfeedfacf) return { kind: 'macho', machine: bytes.readUInt32LE(4), end: 32 }
  const header = bytes.readUInt32LE(0x3c)
  if (bytes.readUInt16LE(0) !== 0x5a4d || header > bytes.length - 6) return undefined
  return bytes.readUInt32BE(header) === 0x50450000
    ? { kind: 'pe', machine: bytes.readUInt16LE(header + 4), end: header + 24 }
    : undefined
}

/**
 * The section headers are the last thing in an ELF file.
 *
 * @param {Buffer} bytes
 */
function elf(bytes) {
  const is64Bit = bytes[4] === 2
  const end = Number(bytes.readBigUInt64LE(0x28)) + bytes.readUInt16LE(0x3a) * bytes.readUInt16LE(0x3c)
  // Unknown, not x64: there are 32-bit files for its processor.
  const machine = is64Bit || bytes.readUInt16LE(18) !== 62 ? bytes.readUInt16LE(18) : -1
  return { kind: /** @type {const} */ ('elf'), machine, end: is64Bit ? Math.max(end, 64) : 52 }
}

/**
 * The mount point of the file's file system, if that forbids execution.
 *
 * @param {string} file
 * @returns {string | undefined}
 */
function noexecMount(file) {
  try {
    const path = realpathSync(file)
    let found = { point: '', options: '' }
    for (const line of readFileSync('/proc/self/mountinfo', 'utf8').split('\n')) {
      const [, , , , point = '', options = ''] = line.split(' ')
      const folder = point.endsWith('/') ? point : `${point}/`
      // A later mount on the same point covers an earlier one.
      if (point !== '' && path.startsWith(folder) && point.length >= found.point.length) found = { point, options }
    }
    return found.options.split(',').includes('noexec') ? found.point : undefined
  } catch {
    return undefined
  }
}

module.exports = { damageOf, fileOf, noexecMount }
