// The tarballs of a release, from addons that were built for each platform: nine packages and their bills of materials.
//   node scripts/release.mjs <artifacts> <folder>
// `artifacts` has the addons as the workflow downloads them. Publishing is left to the caller, which needs nothing but npm then.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { npm, root, run, tool } from './process.mjs'

const [artifacts, destination] = process.argv.slice(2)
if (artifacts === undefined || destination === undefined) {
  console.error('usage: node scripts/release.mjs <artifacts> <folder>')
  process.exit(2)
}
const folder = resolve(destination)
mkdirSync(folder, { recursive: true })

// npm refuses provenance for a package.json that names another repository than the one that builds.
const repository = process.env.GITHUB_REPOSITORY
const packages = [root, ...readdirSync(join(root, 'npm')).map((name) => join(root, 'npm', name))]

await must(tool('napi', 'artifacts', '--output-dir', resolve(artifacts)))
await must([process.execPath, join('scripts', 'third-party.mjs')])
await must([process.execPath, join('scripts', 'sbom.mjs'), join(folder, 'sbom')])
// Writes the platform packages into optionalDependencies. They cannot stand there before they are published.
await must(tool('napi', 'pre-publish', '--tag-style', 'npm', '--no-gh-release', '--skip-optional-publish'))
for (const path of packages) {
  if (repository !== undefined) {
    await must(
      npm('pkg', 'set', 'repository.type=git', `repository.url=git+https://github.com/${repository}.git`),
      path
    )
  }
}
// The main package last: who installs it gets the others with it.
const order = [...packages.slice(1), root]
const names = []
for (const path of order) {
  const { output } = await must(npm('pack', '--json', '--ignore-scripts', '--pack-destination', folder), path)
  names.push(JSON.parse(output.slice(output.indexOf('[')))[0].filename)
}
writeFileSync(join(folder, 'order.txt'), `${names.join('\n')}\n`)

/**
 * @param {import('./process.mjs').CommandLine} command
 * @param {string} [cwd]
 */
async function must(command, cwd = root) {
  const ended = await run(command, { cwd })
  if (ended.code !== 0) throw new Error(`${command.join(' ')} ended with ${ended.code}`)
  return ended
}
