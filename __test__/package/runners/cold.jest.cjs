// What a cold start lets in under Jest; `runners.mjs` starts it.
const { writeFileSync } = require('node:fs')
const coldStart = require('../../helpers/cold-start.cjs')
const entra = require('../../../index.js')

test('a cold start', async () => {
  writeFileSync(process.env.COLD_START_RESULT, JSON.stringify(await coldStart(entra)))
})
