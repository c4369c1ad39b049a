// Runs the command line and draws what it prints, for the documentation: docs/pictures/*.svg.
//   node scripts/pictures.mjs     writes every picture anew
import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { root } from './process.mjs'

const { startTestAuthority } = createRequire(import.meta.url)('../testing/index.js')

const TENANT = '7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a11'
const API = '4f0c2d36-9c1b-4e5e-8f7a-6a1d2b3c4d5e'
const CLIENT = '9d1c7a80-2b3e-4f4a-bb0d-5c6e7f809a1b'

/** In place of the port that the test authority happens to have; the clocks differ by something each time, too. */
const PORT = 8443

/**
 * A picture: what is typed, and what is given to the program. `{url}` in a variable is the authority's.
 *
 * @typedef {object} Picture
 * @property {string} name
 * @property {string} command as a reader would type it
 * @property {string[]} args
 * @property {(authority: import('../testing/index.js').TestAuthority) => string} [input]
 * @property {Record<string, string>} [variables]
 */

/** @type {Picture[]} */
export const PICTURES = [
  {
    name: 'explain-refused',
    command: 'echo "$TOKEN" | npx entra-jwt-verify explain',
    args: ['explain'],
    input: (authority) =>
      `authorization: Bearer ${authority.issueToken({ audience: `api://${CLIENT}`, roles: ['Task.Read'] })}`
  },
  {
    name: 'explain-error',
    command: 'npx entra-jwt-verify explain answer.json',
    args: ['explain'],
    input: () =>
      JSON.stringify({
        error: 'invalid_client',
        error_description: 'AADSTS7000215: Invalid client secret provided.',
        error_codes: [7000215]
      })
  },
  {
    name: 'doctor-cause',
    command: 'npx entra-jwt-verify doctor',
    args: ['doctor'],
    variables: { ENTRA_TENANT_ID: '8d1e6c2f-405b-4c1f-8b64-203070100b22' }
  }
]

/**
 * What a picture's command prints, with colours.
 *
 * @param {Picture} picture
 * @returns {Promise<string>}
 */
export async function printed({ args, input, variables }) {
  const authority = await startTestAuthority({
    quiet: true,
    tenantId: TENANT,
    apps: [
      { clientId: API, name: 'tasks-api' },
      { clientId: CLIENT, clientSecret: 'x', name: 'web' }
    ]
  })
  try {
    const environment = { ENTRA_TENANT_ID: TENANT, ENTRA_CLIENT_ID: API, ENTRA_AUTHORITY_HOST: authority.url }
    const output = await run(args, input?.(authority) ?? '', { ...environment, ...variables })
    return output
      .replaceAll(new URL(authority.url).port, String(PORT))
      .replace(/clock is [\d.]+ s (?:ahead of|behind)/, 'clock is 0.2 s behind')
  } finally {
    await authority.close()
  }
}

/**
 * @param {string[]} args
 * @param {string} input
 * @param {Record<string, string>} variables
 * @returns {Promise<string>}
 */
async function run(args, input, variables) {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(?:AZURE|ENTRA)_|_PROXY$|^NODE_|COLOR|^TERM$/i.test(name)
  )
  const child = spawn(process.execPath, [join(root, 'bin', 'entra-jwt-verify.js'), ...args], {
    env: { ...Object.fromEntries(inherited), LC_ALL: 'C.UTF-8', FORCE_COLOR: '1', ...variables }
  })
  child.stdin.on('error', () => undefined).end(input)
  let output = ''
  for await (const chunk of child.stdout.setEncoding('utf8')) output += chunk
  return output
}

const STYLES = /** @type {Record<string, string>} */ ({ 1: 'b', 31: 'r', 32: 'g', 33: 'y', 36: 'c' })

const CELL = { width: 8.4, height: 19 }
const PADDING = { x: 20, top: 52, bottom: 20 }

/**
 * A terminal with a command and its output, as SVG.
 *
 * @param {string} command
 * @param {string} output
 */
export function drawn(command, output) {
  const lines = [`\u001b[32m$\u001b[39m ${command}`, ...output.trimEnd().split('\n')]
  const columns = Math.max(...lines.map((line) => stripVTControlCharacters(line).length))
  const width = Math.ceil(columns * CELL.width + 2 * PADDING.x)
  const height = lines.length * CELL.height + PADDING.top + PADDING.bottom
  const rows = lines.map(
    (line, at) => `<text x="${PADDING.x}" y="${PADDING.top + at * CELL.height}">${spans(line)}</text>`
  )
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>${escaped(command)}</title>
<style>
text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;fill:#d7dde4;white-space:pre}
.b{font-weight:600}.r{fill:#ff8a80}.g{fill:#8bd49c}.y{fill:#f2cc60}.c{fill:#7cc7e8}
</style>
<rect width="${width}" height="${height}" rx="10" fill="#161b22"/>
<circle cx="22" cy="20" r="6" fill="#ff5f57"/><circle cx="42" cy="20" r="6" fill="#febc2e"/><circle cx="62" cy="20" r="6" fill="#28c840"/>
${rows.join('\n')}
</svg>
`
}

/**
 * A line with its colours as classes.
 *
 * @param {string} line
 */
function spans(line) {
  const [first = '', ...coloured] = line.split('\u001b[')
  const painted = coloured.map((part) => {
    const [, code = '', text = ''] = /^(\d+)m(.*)$/.exec(part) ?? []
    const style = STYLES[code]
    return style === undefined || text === '' ? escaped(text) : `<tspan class="${style}">${escaped(text)}</tspan>`
  })
  return [escaped(first), ...painted].join('')
}

/** @param {string} text */
function escaped(text) {
  return text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`)
}

/**
 * The text of a picture, line by line.
 *
 * @param {string} svg
 */
export function textOf(svg) {
  const rows = [...svg.matchAll(/<text [^>]*>(.*)<\/text>/g)].map(([, row = '']) => row.replace(/<[^>]*>/g, ''))
  return rows.map((row) => row.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))).join('\n')
}

/** @param {string} name */
export function committed(name) {
  return readFileSync(fileOf(name), 'utf8')
}

/** @param {string} name */
function fileOf(name) {
  return join(root, 'docs', 'pictures', `${name}.svg`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  mkdirSync(join(root, 'docs', 'pictures'), { recursive: true })
  for (const picture of PICTURES) {
    writeFileSync(fileOf(picture.name), drawn(picture.command, await printed(picture)))
    console.log(`docs/pictures/${picture.name}.svg`)
  }
}
