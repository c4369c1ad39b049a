// Readers of the documentation: its files, their code blocks, links and headings.
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../scripts/process.mjs'
import { text } from './facts.mjs'

/**
 * A fenced code block.
 *
 * @typedef {object} Block
 * @property {string} file its path in the repository
 * @property {number} line of its first line of code
 * @property {string} language
 * @property {string} code
 */

/** The pages of the documentation, by their paths in the repository. */
export const pages = [
  'README.md',
  ...['ARCHITECTURE.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md'],
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .map((file) => `docs/${file.replaceAll('\\', '/')}`)
    .filter((file) => file.endsWith('.md'))
    .sort()
]

/**
 * @param {string} file
 * @returns {Block[]}
 */
export function blocksOf(file) {
  const blocks = []
  let block
  for (const [index, line] of text(file).split('\n').entries()) {
    const [, indentation, language] = /^( *)```([\w-]*)$/.exec(line) ?? []
    if (language === undefined) block?.lines.push(line)
    else if (block === undefined) block = { file, line: index + 2, language, indentation, lines: [] }
    else {
      blocks.push(closed(block))
      block = undefined
    }
  }
  if (block) throw new Error(`${file}:${block.line - 1}: the code block has no end`)
  return blocks
}

/** @returns {Block} */
function closed({ lines, indentation, ...block }) {
  const code = lines.map((line) => (line.startsWith(indentation) ? line.slice(indentation.length) : line))
  return { ...block, code: `${code.join('\n')}\n` }
}

/** The prose of a page: each line of a code block is empty, so that line numbers stay. */
export function proseOf(file) {
  let isCode = false
  const lines = text(file)
    .split('\n')
    .map((line) => {
      const isFence = /^ *```/.test(line)
      if (isFence) isCode = !isCode
      return isFence || isCode || /^ {4}(?![*-])/.test(line) ? '' : line
    })
  return lines.join('\n')
}

/**
 * The targets of a page's links and pictures.
 *
 * @param {string} file
 * @returns {{ line: number, target: string, isPicture: boolean }[]}
 */
export function linksOf(file) {
  return proseOf(file)
    .split('\n')
    .flatMap((line, index) => {
      const spoken = line.replace(/`[^`]*`/g, (code) => 'x'.repeat(code.length))
      const links = [...spoken.matchAll(/(?<picture>!)?\[[^\]]*\]\((?<target>[^()\s]+)\)/g)]
      const tags = [...spoken.matchAll(/\b(?:href|(?<picture>src|srcset))="(?<target>[^"]+)"/g)]
      return [...links, ...tags].map(({ groups: { picture, target } }) => {
        return { line: index + 1, target, isPicture: picture !== undefined }
      })
    })
}

/** The anchors that GitHub and npm give to the headings of a page. */
export function anchorsOf(file) {
  const seen = new Map()
  const headings = [...proseOf(file).matchAll(/^#{1,6} +(.+?)\s*$/gm)]
  return headings.map(([, heading]) => {
    const anchor = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
      .replaceAll(' ', '-')
    const before = seen.get(anchor) ?? 0
    seen.set(anchor, before + 1)
    return before === 0 ? anchor : `${anchor}-${before}`
  })
}
