// A text that a caller sends must not be able to occupy the process. recheck judges each regular expression of what is published; those
// that are made while the program runs (`new RegExp`) are not seen. `npm test` installs what is needed.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { parse } from 'acorn'
import { simple } from 'acorn-walk'
import { checkSync } from 'recheck'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..')

/** Expressions that take longer than linear time, and why that does no harm. */
const HARMLESS = {
  // A message of the dynamic linker about the addon, when the process starts.
  'lib/native/file.js': ['(?:\\/|[A-Za-z]:\\\\)[^\\n\'"():]*\\.node']
}

/** The JavaScript files of the package, relative to its root. */
function files() {
  const { files: published } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  // All of a folder, also what is left out of it (`!`).
  const all = published
    .filter((name) => !name.startsWith('!'))
    .flatMap((name) => {
      const path = join(root, name)
      if (statSync(path).isFile()) return [path]
      return readdirSync(path, { recursive: true }).map((file) => join(path, file))
    })
  return all.filter((path) => /\.[cm]?js$/.test(path))
}

/** @param {string} path */
function expressions(path) {
  const found = []
  const sourceType = path.endsWith('.mjs') ? 'module' : 'script'
  const tree = parse(readFileSync(path, 'utf8'), { ecmaVersion: 'latest', sourceType, allowHashBang: true })
  simple(tree, {
    Literal({ regex }) {
      if (regex) found.push(regex)
    }
  })
  return found
}

test('every regular expression takes linear time', () => {
  const slow = {}
  let count = 0
  for (const path of files()) {
    for (const { pattern, flags } of expressions(path)) {
      count++
      if (checkSync(pattern, flags, { timeout: 20_000 }).status === 'safe') continue
      const file = relative(root, path).split(sep).join('/')
      slow[file] = [...(slow[file] ?? []), pattern]
    }
  }
  assert.deepEqual(slow, HARMLESS)
  assert.ok(count > 200, `${count} were found`)
})

test('one that does not is seen', () => {
  assert.equal(checkSync('^\\[[\\w -]*token[\\w -]*\\]$', 'i').status, 'vulnerable')
})
