// Which part of the published JavaScript may import which.
//   node scripts/architecture.mjs     prints every place that breaks a rule
import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import { root } from './process.mjs'

/**
 * What each part may import; `*.js` are the public entries. JSDoc may name the types of any part.
 *
 * @type {Record<string, string[]>}
 */
const ALLOWED = {
  'lib/*.js': ['lib/native'],
  'lib/native': ['lib/native'],
  'lib/core': ['lib/*.js', 'lib/core'],
  'lib/http': ['lib/*.js', 'lib/core', 'lib/http'],
  // Not lib/adapters: an adapter knows no other. It may have a folder with its name beside it.
  'lib/adapters': ['lib/*.js', 'lib/core', 'lib/http'],
  'lib/doctor': ['lib/*.js', 'lib/core', 'lib/http', 'lib/doctor'],
  'lib/cli': ['lib/*.js', 'lib/core', 'lib/http', 'lib/adapters', 'lib/doctor', 'lib/cli', 'testing'],
  '*.js': ['lib/*.js', 'lib/core', 'lib/http', 'lib/adapters'],
  // An entry that is another module for `import`.
  '*.mjs': ['lib/adapters', '*.js'],
  testing: ['testing', 'lib/*.js', 'lib/core', 'lib/http'],
  bin: ['lib/cli']
}

/** The main entry under the name of its framework. */
const SECOND_NAME = { file: 'express.js', of: 'index.js' }

/** The loader: it alone loads the platform packages, and a file whose name it has to find out. */
const LOADER = 'lib/native.js'

/**
 * What a file imports and must not.
 *
 * @param {string} file its path in the repository, with slashes
 * @param {string} source
 * @returns {string[]}
 */
export function forbiddenImports(file, source) {
  const part = partOf(file)
  const allowed = ALLOWED[part] ?? []
  const problems = importsOf(source).map((specifier) => {
    if (specifier === undefined) return file === LOADER ? undefined : 'require() of a name that is computed'
    if (specifier.startsWith('entra-jwt-verify-')) {
      return file === LOADER ? undefined : `${specifier}: only ${LOADER} loads the platform packages`
    }
    if (!specifier.startsWith('.')) return undefined
    const imported = posix.normalize(posix.join(posix.dirname(file), specifier))
    const isSecondName = file === SECOND_NAME.file && imported === SECOND_NAME.of
    const isAllowed = allowed.includes(partOf(imported)) || isSameAdapter(file, imported) || isSecondName
    if (imported === 'package.json' || isAllowed) return undefined
    return `${specifier}: ${part} does not import ${partOf(imported)}`
  })
  return problems.filter((problem) => problem !== undefined)
}

/**
 * The part that a path belongs to; a module may be named without its extension, a folder by its name.
 *
 * @param {string} path
 */
function partOf(path) {
  const [top = '', second, third] = path.split('/')
  if (top.endsWith('.mjs')) return '*.mjs'
  if (top === '.' || top === '' || second === undefined) return ALLOWED[top] ? top : '*.js'
  if (top !== 'lib') return top
  // lib/native is the loader's file as well as its folder; a path without more means the file.
  const isFile = third === undefined && (!ALLOWED[path] || `${path}.js` === LOADER)
  return isFile ? 'lib/*.js' : `lib/${second}`
}

/**
 * Whether two paths belong to one adapter: `lib/adapters/name.js` and what is in the folder `lib/adapters/name`.
 *
 * @param {string} file
 * @param {string} imported
 */
function isSameAdapter(file, imported) {
  const [, name] = /^lib\/adapters\/([\w-]+)[./]/.exec(file) ?? []
  return name !== undefined && imported.startsWith(`lib/adapters/${name}/`)
}

/**
 * The specifiers of everything that a source imports; `undefined` for one that is computed. A type in a comment is no import.
 *
 * @param {string} source
 */
function importsOf(source) {
  const code = source
    .split('\n')
    .map((line) => line.replace(/\/\*\*.*?\*\//g, ''))
    .filter((line) => !/^\s*(?:\/?\*|\/\/)/.test(line))
    .join('\n')
  const imports = code.matchAll(
    /\b(?:require|import)\(\s*(?:(['"`])(?<called>[^'"`$]+)\1\s*\))?|\b(?:from|import)\s+(['"])(?<named>[^'"]+)\3/g
  )
  return [...imports].map(({ groups }) => groups?.called ?? groups?.named)
}

function publishedFiles() {
  const inFolders = ['bin', 'lib', 'testing'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map(
      (file) => `${folder}/${file.replaceAll('\\', '/')}`
    )
  )
  return [...readdirSync(root), ...inFolders].filter((file) => /\.m?js$/.test(file)).sort()
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const file of publishedFiles()) {
    for (const problem of forbiddenImports(file, readFileSync(join(root, file), 'utf8'))) {
      console.error(`${file}: ${problem}`)
      process.exitCode = 1
    }
  }
}
