// The code of the documentation compiles against the declarations: JavaScript without types of its own, TypeScript strictly.
// Each block becomes a file of its own whose lines are those of the page; what the text around it provides is ambient.
import { execFile } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import test from 'ava'
import { root, tool } from '../../scripts/process.mjs'
import { codeBlocks, completed, entryOf, fileNameOf, provided } from '../helpers/docs-code.mjs'

const folder = join(root, '__test__', 'docs', 'build', 'types')

const blocks = codeBlocks('js', 'ts')

/** Blocks of one language and one entry of the package: they have the same ambient names. */
const programs = new Map()
for (const block of blocks) {
  const program = `${entryOf(block.file)} ${block.language}`
  programs.set(program, [...(programs.get(program) ?? []), block])
}

/**
 * Errors of MCP servers that only a compiler has: without strict null checks, the SDK's types lose the parameter of a tool; and
 * its `AuthInfo` has an array of scopes that may be changed.
 */
const TOLERATED = {
  './mcp': /Property 'authInfo' does not exist on type 'undefined'|is not assignable to .*\bAuthInfo\b/
}

test.before(() => rmSync(folder, { recursive: true, force: true }))

for (const [program, members] of programs) {
  test(`types: ${program}`, async (t) => {
    const [entry, language] = program.split(' ')
    const { errors, checked } = await compile(entry, language, members)
    t.deepEqual(errors, [])
    t.is(checked, members.length)
  })
}

test('a block that does not compile is found, with its line', async (t) => {
  const block = { file: 'README.md', line: 7, language: 'js', code: "createVerifier({\n  tenantID: 'x'\n})\n" }
  const { errors } = await compile('.', 'js', [block], 'broken')
  t.is(errors.length, 1)
  t.regex(errors[0], /^README\.md:8: .*'tenantID' does not exist in type 'Options'/)
})

test('there is code in the documentation', (t) => {
  t.true(blocks.length > 50)
})

/** Runs the TypeScript compiler on the blocks. */
async function compile(entry, language, members, name = `${entry.replace(/\W/g, '')}-${language}`) {
  const own = join(folder, name)
  mkdirSync(own, { recursive: true })
  const files = new Map(members.map((block) => [fileNameOf(block), block]))
  for (const [file, { line, code }] of files) writeFileSync(join(own, file), '\n'.repeat(line - 1) + completed(code))
  writeFileSync(join(own, 'provided.d.ts'), provided(entry))
  writeFileSync(join(own, 'tsconfig.json'), JSON.stringify(configuration(language, [...files.keys()])))
  const output = await promisify(execFile)(...programOf(tool('tsc', '-p', own, '--listFiles', '--pretty', 'false')), {
    cwd: own,
    maxBuffer: 2 ** 26
  }).catch((error) => error)
  const printed = output.stdout
  const found = [...printed.matchAll(/^(\S+)\((\d+),\d+\): error (TS.*)$/gm)]
  const errors = found
    .filter(([, , , message]) => !TOLERATED[entry]?.test(message))
    .map(([, file, line, message]) => `${files.get(file)?.file ?? file}:${line}: ${message}`)
  // Without errors of a file, the compiler could not begin.
  if (output.code && found.length === 0) errors.push(printed.slice(0, 1000), output.stderr)
  const checked = [...files.keys()].filter((file) => printed.includes(`/${name}/${file}\n`)).length
  return { errors, checked }
}

const programOf = ([command, ...args]) => [command, args]

/** JavaScript is checked as an editor does it. */
function configuration(language, files) {
  const strictness =
    language === 'ts'
      ? { strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true }
      : { strict: false, allowJs: true, checkJs: true }
  return {
    compilerOptions: {
      ...strictness,
      target: 'es2022',
      lib: ['es2024', 'dom', 'dom.iterable'],
      module: 'nodenext',
      types: ['node'],
      experimentalDecorators: true,
      emitDecoratorMetadata: true,
      noEmit: true,
      skipLibCheck: true
    },
    files: ['provided.d.ts', ...files]
  }
}
