// Readers of facts that stand in several files, such as error codes. They search by pattern rather than by line, so that code
// can be moved; one that finds nothing throws.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../scripts/process.mjs'

/** The text of a file of the repository. */
export function text(file) {
  return readFileSync(join(root, file), 'utf8')
}

/** The texts of all files below a folder with this extension, one after the other. */
export function texts(folder, extension) {
  return readdirSync(join(root, folder), { recursive: true })
    .filter((file) => file.endsWith(extension))
    .map((file) => text(join(folder, file)))
    .join('\n')
}

/** The Rust core without comments and unit tests, which repeat facts with values of their own. */
export function rust() {
  const files = readdirSync(join(root, 'src'), { recursive: true }).filter((file) => file.endsWith('.rs'))
  return files
    .map((file) => text(join('src', file)).split(/^#\[cfg\(test\)\]\nmod \w+ \{/m)[0])
    .join('\n')
    .replace(/^\s*\/\/.*$/gm, '')
}

/** What a pattern's first group matches, sorted, each once. */
export function all(source, pattern, what) {
  const found = [...source.matchAll(pattern)].map(([, fact]) => fact)
  if (found.length === 0) throw new Error(`found no ${what}: where did they go? Correct the pattern ${pattern}`)
  return [...new Set(found)].sort()
}

/** The one text that a pattern's first group matches. */
export function one(source, pattern, what) {
  const found = all(source, pattern, what)
  if (found.length > 1) throw new Error(`found several of ${what}: ${found.join(', ')}`)
  return found[0]
}

/** The section of a Markdown text below a heading, up to the next heading. */
export function section(markdown, heading) {
  return one(markdown, new RegExp(`^#+ ${heading}\\n([\\s\\S]*?)(?=^#+ |(?![\\s\\S]))`, 'gm'), `section ${heading}`)
}

/** The rows of the tables in a Markdown text, without their heads: arrays of cells. */
export function rows(markdown) {
  const lines = markdown.split('\n').filter((line) => line.startsWith('|'))
  const isRule = (line) => /^\|[-| ]+\|$/.test(line ?? '')
  if (!lines.some(isRule)) throw new Error('found no table')
  const isRow = (line, index) => !isRule(line) && !isRule(lines[index + 1])
  return lines.filter(isRow).map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim())
  )
}

/** What stands in backquotes. */
export function quoted(cell) {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name)
}

/** The members of a union of string literals in a declaration. */
export function union(declarations, pattern, what) {
  return all(one(declarations, pattern, what), /'([^']+)'/g, `${what}: members`)
}

/** The body of an interface. */
export function interfaceBody(declarations, name) {
  return one(
    declarations,
    new RegExp(`^export interface ${name} (?:extends \\w+ )?\\{\\n([\\s\\S]*?)^\\}`, 'gm'),
    `interface ${name}`
  )
}

/** The options that interfaces in index.d.ts declare, those of `keys` as `keys.name`: each with its comment. */
export function declaredOptions(declarations, interfaces = ['AuthorityOptions', 'Options']) {
  const member = /^( {2}| {8})(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*)?(?:\/\/.*\s*)?(\w+)\?:/gm
  const found = interfaces.flatMap((name) => [...interfaceBody(declarations, name).matchAll(member)])
  if (found.length === 0) throw new Error('found no options in index.d.ts')
  let parent
  const options = new Map()
  for (const [, indentation, comment = '', name] of found) {
    if (indentation.length === 2) parent = name
    // The members of other options, such as resourceMetadata, are not options of their own.
    if (indentation.length === 2) options.set(name, comment)
    else if (parent === 'keys') options.set(`keys.${name}`, comment)
  }
  return options
}

/** A number as Rust, Markdown or a comment writes it: `16_384`, `16 384 bytes`, `3600.0`. */
export function number(written) {
  const digits = /^-?\d[\d _]*(?:\.\d+)?/.exec(written)?.[0]
  return digits === undefined ? undefined : Number(digits.replace(/[ _]/g, ''))
}

/**
 * The default of an option in the Rust core, whichever way it is written: a constant, a field in `fn default()`, the last
 * argument of a call with the option's name, `unwrap_or` behind it, or a field in another place.
 */
export function rustDefault(source, option) {
  const name = option.split('.').at(-1)
  const snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
  const value = String.raw`(?:Duration::from_secs(?:_f64)?\()?((?:\d[\d_.]*|Duration::ZERO|[A-Z][A-Z_]+))\)?`
  for (const pattern of [
    new RegExp(String.raw`\bDEFAULT_${snake.toUpperCase()}: [^=]+= ${value};`, 'g'),
    new RegExp(String.raw`fn default\(\)[^}]*\b${snake}: ${value}`, 'g'),
    new RegExp(String.raw`"${name}"(?:, [^,()]+)+, ${value}\)`, 'g'),
    new RegExp(String.raw`"${name}"[^;]*?\.unwrap_or\(${value}\)`, 'g'),
    new RegExp(String.raw`\b${snake}: ${value},`, 'g')
  ]) {
    const [found] = source.matchAll(pattern)
    if (found?.[1] === 'Duration::ZERO') return 0
    if (found)
      return number(found[1]) ?? number(one(source, new RegExp(`const ${found[1]}: [^=]+= ([^;]+);`, 'g'), found[1]))
  }
  throw new Error(`found no default of ${option} in src/: where did it go? Correct the patterns`)
}
