// What surrounds the code of the documentation: the entry of the package that a page is about, and the names that its text
// provides.
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { root } from '../../scripts/process.mjs'
import { blocksOf, pages } from './markdown.mjs'

const require = createRequire(import.meta.url)

/** Pages whose programs other tests compile and run: `__test__/frameworks` and `__test__/testing`. */
const ELSEWHERE = ['docs/frameworks/others.md', 'docs/testing.md']

/** The programs that the guides replace: their packages are installed for `__test__/migrating` alone, which runs them. */
const isReplaced = ({ file, code }) => file.startsWith('docs/migrating/from-') && !code.includes("'entra-jwt-verify'")

/** The ids in the examples. The tests' authority has them: the tenant, another tenant, the API, a client. */
export const IDS = {
  tenantId: '7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a11',
  otherTenantId: '8d1e6c2f-405b-4c1f-8b64-203070100b22',
  api: '4f0c2d36-9c1b-4e5e-8f7a-6a1d2b3c4d5e',
  client: '9d1c7a80-2b3e-4f4a-bb0d-5c6e7f809a1b'
}

/** The code blocks of all pages in some languages. */
export function codeBlocks(...languages) {
  return pages
    .filter((page) => !ELSEWHERE.includes(page))
    .flatMap(blocksOf)
    .filter((block) => languages.includes(block.language) && !isReplaced(block))
}

/** The entry, as a subpath of the package, whose names a page's code uses without importing them. */
export function entryOf(page) {
  const [, name] = /^docs\/(?:frameworks\/)?([\w-]+)\.md$/.exec(page) ?? []
  return name !== undefined && existsSync(join(root, 'lib', 'adapters', `${name}.js`)) ? `./${name}` : '.'
}

/** The name of a file for a block. */
export function fileNameOf({ file, line, language, code }) {
  const isCommonJs = /\brequire\(/.test(code) && !/^ *(?:import|export)\b/m.test(code)
  const javascript = isCommonJs ? 'cjs' : 'mjs'
  return `${file.replaceAll('/', '_')}.${line}.${language === 'ts' ? 'mts' : javascript}`
}

/** Whether `…` stands for code that is left out. */
export function isAbridged({ code }) {
  return completed(code).includes('$omitted')
}

/** A block as a program that can be compiled. One that returns is the body of a function. */
export function completed(code) {
  const parts = /(['"`])(?:\\.|(?!\1)[^\\])*\1|\/\/.*|\{ …(?=[,} ])|…/g
  const whole = code.replace(parts, (found) => {
    if (found === '…') return '$omitted'
    return found === '{ …' ? '{ ...$omitted' : found
  })
  return /^(?:if \(.*\) )?return\b/m.test(whole) ? `async function $handler() { ${whole}}` : whole
}

/** Names of every page, with their types. */
const EVERYWHERE = {
  authority: "import('entra-jwt-verify/testing').TestAuthority",
  verifier: "import('entra-jwt-verify').Verifier",
  tenantId: 'string',
  clientId: 'string',
  token: 'string',
  // In place of what is left out.
  $omitted: 'any'
}

/** Names by entry; one in angle brackets is a type. */
const BY_ENTRY = {
  '.': {
    app: "import('express').Express",
    // Of the application that a page is about.
    customers: 'Set<string>',
    reportsFor: '(token: string) => Promise<object>'
  },
  './fastify': { app: "import('fastify').FastifyInstance" },
  './fetch': {
    request: 'Request',
    response: 'Response',
    GET: '(request: Request) => Promise<Response>',
    Bun: 'any',
    Deno: 'any',
    '<NextRequest>': 'Request'
  },
  './hono': { app: "import('hono').Hono", Hono: "typeof import('hono').Hono", cors: 'any', getCookie: 'any' },
  './koa': {
    app: "import('koa')",
    router: "import('@koa/router').default",
    Router: "typeof import('@koa/router').default",
    request: 'any'
  },
  './mcp': {
    app: "import('express').Express",
    auth: "ReturnType<typeof import('entra-jwt-verify/mcp').protectMcp>",
    cors: "typeof import('cors')",
    express: "typeof import('express')",
    handle: "import('express').RequestHandler",
    requireBearerAuth:
      "typeof import('@modelcontextprotocol/sdk/server/auth/middleware/bearerAuth.js').requireBearerAuth",
    server: "import('@modelcontextprotocol/sdk/server/mcp.js').McpServer"
  },
  './nest': {
    ...fromModule('@nestjs/common', ['Injectable', 'Controller', 'Get', 'Delete', 'Param', 'Module', 'UseGuards']),
    APP_GUARD: "typeof import('@nestjs/core').APP_GUARD",
    ApolloDriver: 'any',
    GraphQLModule: '{ forRoot<Config>(options: Config): unknown }',
    '<ApolloDriverConfig>': '{ driver: unknown, context?: any, [option: string]: unknown }',
    ConfigModule: 'any',
    ConfigService: 'any',
    Test: 'any',
    TasksController: 'any',
    '<ConfigService>': 'any',
    '<ExecutionContext>': "import('@nestjs/common').ExecutionContext",
    '<OnModuleInit>': "import('@nestjs/common').OnModuleInit"
  }
}

function fromModule(module, names) {
  return Object.fromEntries(names.map((name) => [name, `typeof import('${module}').${name}`]))
}

/** Declarations of all names that the code of a page about an entry may use. */
export function provided(entry) {
  const module = `entra-jwt-verify${entry.slice(1)}`
  const names = { ...EVERYWHERE, ...BY_ENTRY[entry], ...fromModule(module, Object.keys(require(module))) }
  const declarations = Object.entries(names).map(([name, type]) => {
    return name.startsWith('<') ? `  type ${name.slice(1, -1)} = ${type}` : `  const ${name}: ${type}`
  })
  // `entra-jwt-verify/mcp` has a type of its own there.
  const express = entry === './mcp' ? '' : "import 'entra-jwt-verify/express'\n"
  return `${express}declare global {\n${declarations.join('\n')}\n}\nexport {}\n`
}
