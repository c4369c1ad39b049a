// The contract of adapters under Koa 3 and Koa 2.
import { testContract } from '../helpers/adapter-contract.mjs'
import { drivers } from '../helpers/koa-driver.mjs'

for (const driver of drivers) testContract(driver)
