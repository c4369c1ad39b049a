// Prints how many milliseconds it takes to require packages, by name, from a folder's node_modules.
const { createRequire } = require('node:module')
const { join } = require('node:path')

const [, , folder, ...names] = process.argv
const requireFrom = createRequire(join(folder, 'index.js'))
const start = process.hrtime.bigint()
for (const name of names) requireFrom(name)
console.log(Number(process.hrtime.bigint() - start) / 1e6)
