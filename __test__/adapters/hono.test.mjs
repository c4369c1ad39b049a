// The contract of adapters under Hono 4.
import test from 'ava'
import { testContract } from '../helpers/adapter-contract.mjs'
import { driver, ofApplication } from '../helpers/hono-driver.mjs'

// Hono's own error handler prints what it answers with a bare 500.
const { error: print } = console
test.before(() => {
  console.error = (...parts) => (parts[0]?.message === 'boom' ? undefined : print(...parts))
})
test.after.always(() => {
  console.error = print
})

testContract(driver('Hono 4'))
testContract(driver('Hono 4, app.onError', ofApplication))
