// The rules about what may import what, and those of biome that are this repository's own: each rejects a bad snippet.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import test from 'ava'
import { forbiddenImports } from '../../scripts/architecture.mjs'
import { root, tool } from '../../scripts/process.mjs'

test('a part of lib/ imports only what lies below it', (t) => {
  for (const [file, source, problem] of [
    ['lib/core/verifier.js', "require('../http/bearer')", /lib\/core does not import lib\/http$/],
    ['lib/core/verifier.js', "require('../adapters/express.js')", /lib\/core does not import lib\/adapters$/],
    ['lib/core/verifier.js', "const later = () => import('../cli/main')", /does not import lib\/cli$/],
    ['lib/core/verifier.js', "require('../doctor')", /does not import lib\/doctor$/],
    ['lib/core/verifier.js', "require('../..')", /does not import \*\.js$/],
    ['lib/core/verifier.js', "require('../../index')", /does not import \*\.js$/],
    ['lib/core/verifier.js', "const all = /** @type {object} */ (require('../http/guards'))", /lib\/http$/],
    ['lib/http/guards.js', "require('../adapters/express')", /lib\/http does not import lib\/adapters$/],
    ['lib/http/guards.js', "require('../doctor/index')", /does not import lib\/doctor$/],
    ['lib/adapters/koa.js', "require('./express')", /lib\/adapters does not import lib\/adapters$/],
    ['lib/adapters/koa.mjs', "import { x } from './express.js'", /lib\/adapters does not import lib\/adapters$/],
    ['lib/adapters/koa.js', "require('./nest/guard')", /lib\/adapters does not import lib\/adapters$/],
    ['lib/adapters/nest/guard.js', "require('../koa')", /lib\/adapters does not import lib\/adapters$/],
    ['lib/adapters/nest/guard.js', "require('../nest-ws/guard')", /lib\/adapters does not import lib\/adapters$/],
    ['lib/adapters/koa.js', "require('../cli/options')", /does not import lib\/cli$/],
    ['lib/doctor/index.js', "require('../cli/output')", /lib\/doctor does not import lib\/cli$/],
    ['lib/doctor/index.js', "require('../../testing/index')", /does not import testing$/],
    ['lib/http/guards.js', "require('../../testing')", /does not import testing$/],
    ['lib/cli/main.js', "require('../..')", /does not import \*\.js$/],
    ['lib/core/options.js', "require('../../scripts/process.mjs')", /does not import scripts$/],
    ['lib/native.js', "require('./core/errors')", /lib\/\*\.js does not import lib\/core$/],
    ['lib/core/verifier.js', "require('../native/libc')", /lib\/core does not import lib\/native$/],
    ['lib/new/part.js', "require('../core/errors')", /lib\/new does not import lib\/core$/],
    ['testing/index.js', "require('../lib/adapters/express')", /testing does not import lib\/adapters$/],
    ['mcp.mjs', "import errors from './lib/core/errors.js'", /\*\.mjs does not import lib\/core$/],
    ['mcp.js', "require('./index')", /\*\.js does not import \*\.js$/],
    ['koa.js', "require('./index.js')", /\*\.js does not import \*\.js$/],
    ['express.js', "require('./koa.js')", /\*\.js does not import \*\.js$/]
  ]) {
    const problems = forbiddenImports(file, `'use strict'\n\n${source}\n`)
    t.is(problems.length, 1, `${file}: ${source}`)
    t.regex(problems[0], problem)
  }
  for (const [file, source] of [
    ['lib/core/verifier.js', "require('../native')"],
    ['lib/core/verifier.js', "require('./errors')"],
    ['lib/native.js', "require('./native/errors')"],
    ['lib/native/errors.js', "require('./libc')"],
    ['lib/core/verifier.js', "require('node:tls')"],
    ['lib/core/verifier.js', "require('../../package.json')"],
    ['lib/core/verifier.js', "/** @param {import('../..').Options} options */"],
    ['lib/core/verifier.js', "/**\n * @param {import('../http/bearer').Token} token\n */"],
    ['lib/http/guards.js', "require('../core/errors')"],
    ['lib/adapters/koa.js', "require('../http/responses')"],
    ['lib/adapters/nest.js', "require('./nest/guard')"],
    ['lib/adapters/nest/guard.js', "require('./route')"],
    ['lib/cli/commands/doctor.js', "require('../../doctor/index')"],
    ['lib/doctor/index.js', "require('../http/verifier')"],
    ['lib/cli/commands/demo.js', "require('../../../testing/index')"],
    ['testing/verified-token.js', "require('../lib/http/protection')"],
    ['index.js', "require('./lib/adapters/express')"],
    ['express.js', "require('./index.js')"],
    ['mcp.mjs', "export { authOf } from './mcp.js'\nimport mcp from './lib/adapters/mcp.js'"],
    ['bin/entra-jwt-verify.js', "require('../lib/cli/main')"]
  ]) {
    t.deepEqual(forbiddenImports(file, source), [], file)
  }
})

test('only the loader loads a platform package, or a file by a name that it computes', (t) => {
  const source = "require('entra-jwt-verify-linux-x64-gnu')\nrequire(built)\nimport('./' + platform)\n"
  t.deepEqual(forbiddenImports('lib/native.js', source), [])
  t.deepEqual(forbiddenImports('lib/core/verifier.js', source), [
    'entra-jwt-verify-linux-x64-gnu: only lib/native.js loads the platform packages',
    'require() of a name that is computed',
    'require() of a name that is computed'
  ])
})

/** The files among these, by path, about which biome says something that matches. */
function rejected(files, message) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'entra-jwt-verify-')))
  try {
    for (const name of ['biome.jsonc', join('scripts', 'lint')]) {
      cpSync(join(root, name), join(folder, name), { recursive: true })
    }
    for (const [file, source] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, file)), { recursive: true })
      writeFileSync(join(folder, file), source)
    }
    const [command, ...args] = tool('biome', 'lint', '--reporter=github', '--max-diagnostics=none', '.')
    const { stdout } = spawnSync(command, args, { cwd: folder, encoding: 'utf8' })
    const lines = stdout.split('\n').filter((line) => line.startsWith('::error') && line.includes(message))
    const paths = lines.map((line) => /file=([^,]+)/.exec(line)[1])
    return new Set(paths.map((path) => relative(folder, resolve(folder, path)).replaceAll('\\', '/')))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** A file for each expression in each part, by path. */
function filesWith(parts, expressions) {
  return Object.fromEntries(
    parts.flatMap((part) =>
      expressions.map((expression, index) => [
        `${part}/file-${index}.js`,
        `'use strict'\n\nmodule.exports = (value, res) => [res, ${expression}]\n`
      ])
    )
  )
}

test('instanceof is only for classes of this package', (t) => {
  const classes = [
    'Promise',
    'Error',
    'Date',
    'Buffer',
    'URL',
    'Array',
    'Object',
    'Map',
    'RegExp',
    'globalThis.Promise'
  ]
  const parts = ['lib/core', 'lib/http', 'lib/adapters', 'lib/cli', 'lib/doctor', 'testing', 'bin']
  const bad = filesWith(
    parts,
    classes.map((name) => `value instanceof ${name}`)
  )
  const good = { 'lib/cli/own.js': filesWith(['lib'], ['value instanceof UsageError'])['lib/file-0.js'] }
  const found = rejected({ ...bad, ...good }, 'instanceof is only for classes of this package')
  t.deepEqual([...found].sort(), Object.keys(bad).sort())
})

test('only an adapter knows a response', (t) => {
  const uses = [
    'res.end()',
    "res.setHeader('Allow', 'GET')",
    '(res.statusCode = 401)',
    'res?.destroy()',
    "res['end']()"
  ]
  const bad = filesWith(['lib/core', 'lib/http'], uses)
  const good = filesWith(['lib/adapters'], uses)
  const found = rejected({ ...bad, ...good }, "only lib/adapters may use a framework's response")
  t.deepEqual([...found].sort(), Object.keys(bad).sort())
})
