// What the tests read from a guide.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../scripts/process.mjs'
import { quoted, rows, section } from '../helpers/facts.mjs'

const folder = join(root, 'docs', 'migrating')

export const pathOf = (page) => join(folder, page)
export const textOf = (page) => readFileSync(pathOf(page), 'utf8')

/** The guides, by their names in docs/migrating. */
export const pages = readdirSync(folder).filter((file) => file.startsWith('from-'))

/** The first JavaScript block below the heading `Before` or `After`. */
export function programOf(page, heading) {
  const found = /^```js\n([\s\S]*?)^```$/m.exec(section(textOf(page), heading))
  if (!found) throw new Error(`docs/migrating/${page}: expected a JavaScript block below "## ${heading}"`)
  return found[1]
}

const [BEGIN, END] = ['begin', 'end'].map(
  (which) => `<!-- Written by \`node __test__/migrating/migrating.mjs --write\`: ${which} -->`
)
const TABLES = new RegExp(`(${BEGIN}\\n\\n)([\\s\\S]*?)(\\n\\n${END})`)

/** The lines of the tables of differences. */
export function tablesOf(page) {
  const found = TABLES.exec(textOf(page))
  if (!found) throw new Error(`docs/migrating/${page}: expected the comments around the tables of differences`)
  return found[2].split('\n')
}

/** The page with other tables of differences. */
export function withTables(page, lines) {
  tablesOf(page)
  return textOf(page).replace(TABLES, (_, begin, __, end) => begin + lines.join('\n') + end)
}

/** The names in the first column of the tables of options: those of the package that is replaced. */
export function optionsIn(page) {
  return rowsOf(section(textOf(page), 'Option by option')).flatMap(([names]) =>
    quoted(names).map((name) => /^\w*/.exec(name)[0])
  )
}

/** What stands in backquotes in the last column of every table but those of differences. */
export function replacementsIn(page) {
  return rowsOf(textOf(page).replace(TABLES, '')).flatMap((cells) => quoted(cells.at(-1)))
}

/** The numbers and booleans in the second column of these tables, by option. */
export function defaultsIn(page) {
  const cells = rowsOf(section(textOf(page), 'Option by option')).flatMap(([names, value]) =>
    quoted(names).map((name) => [name, quoted(value)[0]])
  )
  return Object.fromEntries(cells.filter(([, value]) => /^(?:\d+|true|false)$/.test(value)))
}

/** The requests in the first column of a table of the index. */
export function explainedIn(heading) {
  return rowsOf(section(textOf('README.md'), heading)).map(([request]) => request)
}

/** The requests below a heading of the tables of differences. */
export function requestsBelow(page, heading) {
  const lines = tablesOf(page)
  const start = lines.indexOf(`### ${heading}`)
  if (start === -1) return []
  const end = lines.findIndex((line, index) => index > start && line.startsWith('### '))
  return rowsOf(lines.slice(start, end === -1 ? undefined : end).join('\n')).flatMap(([names]) => names.split('<br>'))
}

/** The rows of all tables in a text: each table begins after an empty line. */
const rowsOf = (markdown) =>
  markdown
    .split('\n\n')
    .map((part) => part.trim())
    .filter((part) => part.startsWith('|'))
    .flatMap(rows)
