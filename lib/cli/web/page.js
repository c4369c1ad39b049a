'use strict'

const { createHash } = require('node:crypto')
const { readFileSync } = require('node:fs')
const { join } = require('node:path')

/** The parts of the script, each before those that use it. */
const SCRIPT = [
  'dom.mjs',
  'ask.mjs',
  'verdict.mjs',
  'claims.mjs',
  'times.mjs',
  'requests.mjs',
  'doctor.mjs',
  'page.mjs'
]

/**
 * The page, and a content security policy that lets it do only what it has to: run its own script and style, known by their
 * hashes, and ask the server that it comes from. No text can become markup or code: there are no trusted types.
 */
function readPage() {
  const style = part('style.css')
  const script = SCRIPT.map(part).map(withoutModules).join('\n')
  const body = part('index.html')
    .replace('/*style*/', () => style)
    .replace('/*script*/', () => script)
  const policy = [
    "default-src 'none'",
    `script-src '${hash(script)}'`,
    `style-src '${hash(style)}'`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'"
  ].join('; ')
  return { body, policy }
}

/**
 * A part of the script without its imports and exports: all parts are one script in the page, whose hash the policy has.
 *
 * @param {string} source
 */
function withoutModules(source) {
  return source.replace(/^import .* from '\.\/[\w.]+'\n/gm, '').replace(/^export /gm, '')
}

/** @param {string} name */
function part(name) {
  return readFileSync(join(__dirname, 'page', name), 'utf8')
}

/** @param {string} text */
function hash(text) {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`
}

module.exports = { readPage }
