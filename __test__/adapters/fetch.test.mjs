// The contract of adapters under entra-jwt-verify/fetch.
import { testContract } from '../helpers/adapter-contract.mjs'
import { driver } from '../helpers/fetch-driver.mjs'

testContract(driver('withAuth'))
testContract(driver('checkAuthToken'))
