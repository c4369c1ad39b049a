// Loads the package where `Promise` is another one, and prints what a cold start lets in there.
//   node cold-start-realm.cjs bluebird | es6-promise | subclass | context
const { readFileSync } = require('node:fs')
const { createRequire } = require('node:module')
const { dirname } = require('node:path')
const vm = require('node:vm')

const entry = require.resolve('../../index.js')
const load = {
  bluebird: () => replaced(require('bluebird')),
  'es6-promise': () => replaced(require('es6-promise').Promise),
  subclass: () => replaced(class extends Promise {}),
  context: () => requireIn(vm.createContext({ process, Buffer, URL, console, setTimeout, clearTimeout }), entry)
}

load[process.argv[2]]()
  .then((entra) => require('./cold-start.cjs')(entra))
  .then(print)

function print(outcomes) {
  process.stdout.write(`${JSON.stringify(outcomes)}\n`)
}

/** Applications replace it before or after they load what they use: here it is both. */
function replaced(Replacement) {
  const Original = Promise
  globalThis.Promise = Replacement
  const entra = require(entry)
  return Original.resolve(entra)
}

/** A module and those that it requires, evaluated in another realm, as Jest does it; what Node itself brings is shared. */
function requireIn(context, file, modules = new Map()) {
  const evaluate = (path) => {
    if (path.endsWith('.node')) return require(path)
    if (!modules.has(path)) {
      const module = { exports: {} }
      modules.set(path, module)
      const real = createRequire(path)
      const inside = (name) => (name.startsWith('node:') ? real(name) : evaluate(real.resolve(name)))
      const parameters = ['exports', 'require', 'module', '__filename', '__dirname']
      const run = vm.compileFunction(readFileSync(path, 'utf8'), parameters, {
        filename: path,
        parsingContext: context
      })
      run(module.exports, inside, module, path, dirname(path))
    }
    return modules.get(path).exports
  }
  return Promise.resolve(evaluate(file))
}
