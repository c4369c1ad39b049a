// A registry on loopback that has the packages of a release, and no others: what npm, pnpm, Yarn, Bun and Deno ask of one.
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { basename, join } from 'node:path'
import { execute, packRelease } from '../../../scripts/pack.mjs'
import { npm } from '../../../scripts/process.mjs'

/** Older than any age that an installer wants a version to have. */
const PUBLISHED = '2026-01-01T00:00:00.000Z'

/**
 * Packs a release: the main package and one for each platform. Those of other platforms have a stand-in for the addon.
 *
 * @param {string} folder for what is written
 * @returns {Promise<string[]>} tarballs
 */
export async function packAll(folder) {
  const { main, addon } = await packRelease(folder)
  const platforms = join(folder, 'release', 'npm')
  const packages = readdirSync(platforms).map((name) => join(platforms, name))
  const { stdout } = await execute(npm('pack', '--json', '--ignore-scripts', ...packages), folder)
  const others = JSON.parse(stdout).map(({ filename }) => join(folder, filename))
  return [...new Set([main.tarball, addon.tarball, ...others])]
}

/**
 * Serves packages.
 *
 * @param {string[]} tarballs
 * @returns {Promise<{ url: string, close(): void }>}
 */
export async function startRegistry(tarballs) {
  const packages = new Map()
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url, 'http://localhost')
    const [, name, file] = pathname.split('/')
    const found = packages.get(name)
    if (found === undefined) return response.writeHead(404, { 'Content-Type': 'application/json' }).end('{}')
    if (file === undefined) {
      response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(found.document))
    } else {
      response.writeHead(200, { 'Content-Type': 'application/octet-stream' }).end(found.tarball)
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${server.address().port}/`
  for (const file of tarballs) {
    const found = await published(file, url)
    packages.set(found.document.name, found)
  }
  const close = () => {
    server.close()
    server.closeAllConnections()
  }
  return { url, close }
}

/** What a registry has of a package with one version. */
async function published(file, url) {
  const { stdout } = await execute(['tar', '-xzOf', file, 'package/package.json'], process.cwd())
  const manifest = JSON.parse(stdout)
  const { name, version } = manifest
  const tarball = readFileSync(file)
  const dist = {
    tarball: `${url}${name}/${basename(file)}`,
    shasum: createHash('sha1').update(tarball).digest('hex'),
    integrity: `sha512-${createHash('sha512').update(tarball).digest('base64')}`
  }
  const document = {
    name,
    'dist-tags': { latest: version },
    versions: { [version]: { ...manifest, _id: `${name}@${version}`, dist } },
    time: { created: PUBLISHED, modified: PUBLISHED, [version]: PUBLISHED }
  }
  return { document, tarball }
}
