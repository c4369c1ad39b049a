// Links of the documentation lead somewhere: in the repository, and in the package as it is installed.
import { execFileSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { join, posix } from 'node:path'
import test from 'ava'
import { npm, root } from '../../scripts/process.mjs'
import { anchorsOf, linksOf, pages, proseOf } from '../helpers/markdown.mjs'

const isAbsolute = (target) => /^[a-z][a-z\d+.-]*:/i.test(target)

/** The links of a page to other files or to itself: the path that each names, and its anchor. */
function relativeLinks(page) {
  return linksOf(page)
    .filter(({ target }) => !isAbsolute(target))
    .map(({ line, target, isPicture }) => {
      const [path, anchor] = target.split('#')
      const named = path === '' ? page : posix.join(posix.dirname(page), path)
      return { where: `${page}:${line}: ${target}`, path: named.replace(/\/$/, ''), anchor, isPicture }
    })
}

for (const page of pages) {
  test(`links of ${page}`, (t) => {
    const links = relativeLinks(page)
    t.deepEqual(
      links.filter(({ path }) => path.startsWith('..') || !existsSync(join(root, path))),
      [],
      'nothing is there'
    )
    const withAnchors = links.filter(({ anchor }) => anchor !== undefined)
    t.deepEqual(
      withAnchors.filter(({ path, anchor }) => !anchorsOf(path).includes(anchor)),
      [],
      'there is no such heading'
    )
  })
}

test('absolute links are https', (t) => {
  const all = pages.flatMap((page) => linksOf(page).map((link) => ({ page, ...link })))
  t.deepEqual(
    all.filter(({ target }) => isAbsolute(target) && !target.startsWith('https://')),
    []
  )
})

test('links of published pages lead to published files', (t) => {
  const [command, ...args] = npm('pack', '--dry-run', '--json', '--ignore-scripts')
  const [{ files }] = JSON.parse(execFileSync(command, args, { cwd: root, encoding: 'utf8' }))
  const published = files.map(({ path }) => path)
  const isPublished = (path) =>
    statSync(join(root, path)).isDirectory()
      ? published.some((file) => file.startsWith(`${path}/`))
      : published.includes(path)
  const publishedPages = pages.filter((page) => published.includes(page))
  t.true(publishedPages.length > 20)
  // Of the pictures only those of README.md are published: the others would be half of the package.
  const isPart = ({ where, isPicture }) => !isPicture || where.startsWith('README.md:')
  const links = publishedPages.flatMap(relativeLinks).filter(isPart)
  t.deepEqual(
    links.filter(({ path }) => !isPublished(path)),
    []
  )
})

test('paths that the documentation names exist', (t) => {
  const folders = '(?:src|lib|testing|bin|scripts|tests|benches|fuzz|benchmark|examples|docs|npm|__test__)'
  const isPath = new RegExp(`^${folders}/[\\w./-]*\\w(?:\\.[a-z]+|/)$`)
  const problems = pages
    // What was there once.
    .filter((page) => page !== 'CHANGELOG.md')
    .flatMap((page) =>
      proseOf(page)
        .split('\n')
        .flatMap((line, index) =>
          [...line.matchAll(/`([^`]+)`/g)]
            .filter(([, path]) => isPath.test(path) && !existsSync(join(root, path)))
            .map(([, path]) => `${page}:${index + 1}: ${path}`)
        )
    )
  t.deepEqual(problems, [])
})

test('modules of the core that ARCHITECTURE.md names exist', (t) => {
  const modules = [
    ...proseOf('ARCHITECTURE.md').matchAll(/`((?:explain|keys|node|policy|rules|token|verifier)\/\w+\.rs)`/g)
  ]
  t.true(modules.length > 20)
  const missing = modules.map(([, path]) => `src/${path}`).filter((path) => !existsSync(join(root, path)))
  t.deepEqual(missing, [])
})

test('every page of docs/ is in docs/README.md', (t) => {
  const listed = relativeLinks('docs/README.md').map(({ path }) => path)
  const all = pages.filter((page) => /^docs\/(?!contributing\/|README\.md)/.test(page))
  t.deepEqual(
    all.filter((page) => !listed.includes(page)),
    []
  )
})
