// The contract of adapters under Fastify.
import { testContract } from '../helpers/adapter-contract.mjs'
import { driver } from '../helpers/fastify-driver.mjs'

testContract(driver)
