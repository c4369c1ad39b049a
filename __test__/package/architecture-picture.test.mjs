// The picture at the top of ARCHITECTURE.md, compared with the imports of the files that it names.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import test from 'ava'
import { root } from '../../scripts/process.mjs'

const read = (path) => readFileSync(join(root, path), 'utf8')

/** The layers from the top, each a list of folders or files. */
function layersOfPicture() {
  const page = read('ARCHITECTURE.md')
  const picture = page.slice(0, page.indexOf('Dependencies point downwards'))
  const names = picture.split('\n').map((line) => line.trim().split(/ {2,}/)[0])
  return names
    .filter((name) => /^[a-z]+\//.test(name))
    .map((layer) => layer.split(' ').map((name) => (/^(?:lib|src)\//.test(name) ? name : `src/${name}`)))
}

const withoutEnd = (name) => name.replace(/\/$|\.rs$/, '')

/** The source files of a folder, or of a module with its folder. */
function filesOf(name) {
  const folder = withoutEnd(name)
  const own = name.endsWith('.rs') ? [name] : []
  if (!existsSync(join(root, folder))) return own
  const below = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
  const sources = below.filter((file) => /\.(?:js|rs)$/.test(file))
  return [...own, ...sources.map((file) => posix.join(folder, file.replaceAll('\\', '/')))]
}

/** The paths, without extensions, that a file imports. */
function importsOf(file) {
  const [source] = read(file).split('#[cfg(test)]')
  if (file.endsWith('.rs')) return [...source.matchAll(/\bcrate::(\w+)/g)].map(([, name]) => `src/${name}`)
  const names = source.matchAll(/\brequire\('(\.[^']*)'\)/g)
  return [...names].map(([, name]) => posix.join(posix.dirname(file), name))
}

test('each layer imports the next one, and none imports one above it', (t) => {
  const layers = layersOfPicture()
  t.deepEqual(layers[0], ['lib/adapters/'])
  t.deepEqual(layers.at(-1), ['src/token/', 'src/policy/', 'src/keys/'])
  const layerOf = (path) =>
    layers.findIndex((layer) => layer.some((name) => `${path}/`.startsWith(`${withoutEnd(name)}/`)))
  for (const [index, layer] of layers.entries()) {
    const imported = layer
      .flatMap(filesOf)
      .flatMap((file) => importsOf(file).map((path) => ({ file, path, layer: layerOf(path) })))
    t.true(imported.length > 0, String(layer))
    const upwards = imported.filter((one) => one.layer !== -1 && one.layer < index)
    t.deepEqual(upwards, [])
    // The addon is between JavaScript and Rust.
    if (layer[0] === 'lib/core/' || index === layers.length - 1) continue
    t.true(
      imported.some((one) => one.layer === index + 1),
      `${layer} does not import ${layers[index + 1]}`
    )
  }
})
