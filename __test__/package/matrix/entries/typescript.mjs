// A program that imports every entry of the packed package compiles under each TypeScript and each way to resolve modules.
import assert from 'node:assert/strict'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execute } from '../../../../scripts/pack.mjs'
import { root } from '../../../../scripts/process.mjs'
import { application, scratch } from '../packed.mjs'
import { script } from '../programs.mjs'
import { check, skip, versions } from '../report.mjs'

/** What the program uses, and what declarations of entries mean. */
const BESIDE = [
  '@modelcontextprotocol/sdk',
  '@nestjs/common',
  '@nestjs/core',
  '@types/express',
  '@types/koa',
  '@types/node',
  'express',
  'fastify',
  'hono',
  'koa',
  'reflect-metadata',
  'rxjs'
]

/**
 * By name. The program's name says its module format to Node's own resolution. Declarations are checked once for each compiler: what
 * is not found in another way is `any`, which the program does not admit.
 */
const RESOLUTIONS = {
  'node16, ES module': { file: 'program.mts', module: 'node16', moduleResolution: 'node16', skipLibCheck: true },
  'nodenext, CommonJS': { file: 'program.cts', module: 'nodenext', moduleResolution: 'nodenext', skipLibCheck: true },
  bundler: { file: 'program.ts', module: 'esnext', moduleResolution: 'bundler', skipLibCheck: false },
  node10: { file: 'program.ts', module: 'commonjs', moduleResolution: 'node10', skipLibCheck: true }
}

const COMPILERS = ['typescript5.0', 'typescript5.4', 'typescript5.9', 'typescript6'].map((name) => script(name, 'tsc'))
const newest = JSON.parse(readFileSync(join(root, 'node_modules', 'typescript', 'package.json'), 'utf8'))
COMPILERS.push({ file: join(root, 'node_modules', 'typescript', newest.bin.tsc), version: newest.version })

versions({ TypeScript: COMPILERS.map(({ version }) => version).join(', ') })

const app = await application(scratch(), BESIDE)
const program = fileURLToPath(new URL('../types/program.ts', import.meta.url))
for (const file of new Set(Object.values(RESOLUTIONS).map((resolution) => resolution.file)))
  cpSync(program, join(app, file))

for (const { file: compiler, version } of COMPILERS) {
  for (const [name, { file, ...settings }] of Object.entries(RESOLUTIONS)) {
    const label = `TypeScript ${version}, ${name}`
    const major = Number.parseInt(version, 10)
    if (name === 'node10' && major >= 7) skip(label, 'this TypeScript has removed it')
    else {
      const ignored = major === 6 ? { ignoreDeprecations: '6.0' } : {}
      await check(label, async () => assert.deepEqual(await errorsOf(compiler, file, { ...settings, ...ignored }), []))
    }
  }
}

/** Resolves to the errors in the program and in the declarations of this package. Those of frameworks are their own. */
async function errorsOf(compiler, file, settings) {
  const compilerOptions = {
    strict: true,
    target: 'es2022',
    types: ['node'],
    esModuleInterop: true,
    noEmit: true,
    ...settings
  }
  writeFileSync(join(app, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: [file] }))
  const command = [process.execPath, compiler, '--pretty', 'false', '-p', 'tsconfig.json']
  const { stdout } = await execute(command, app).catch((error) => error)
  const lines = stdout.split('\n').filter((line) => /error TS\d+/.test(line))
  return lines.filter((line) => !/^[^(]*node_modules\/(?!entra-jwt-verify\/)/.test(line))
}
