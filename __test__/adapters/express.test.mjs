// The contract of adapters under Express 5, Express 4 and plain node:http.
import { testContract } from '../helpers/adapter-contract.mjs'
import { drivers } from '../helpers/express-drivers.mjs'

for (const driver of drivers) testContract(driver)
