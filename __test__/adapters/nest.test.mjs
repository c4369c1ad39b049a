// The contract of adapters under Nest on Express and on Fastify.
import { testContract } from '../helpers/adapter-contract.mjs'
import { drivers } from '../helpers/nest-drivers.mjs'

for (const driver of drivers) testContract(driver)
