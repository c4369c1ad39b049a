// What a cold start lets in under Vitest; `runners.mjs` starts it, in each pool.
import { writeFileSync } from 'node:fs'
import { test } from 'vitest'
import * as entra from '../../../index.js'
import coldStart from '../../helpers/cold-start.cjs'

test('a cold start', async () => {
  writeFileSync(process.env.COLD_START_RESULT, JSON.stringify(await coldStart(entra)))
})
