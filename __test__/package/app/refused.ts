// Every marked line has to be refused by the compiler, and no other.
import 'entra-jwt-verify/express'
import { checkAuthToken, createCheckAuthToken, createVerifier, type VerifiedToken, Verifier } from 'entra-jwt-verify'
import express from 'express'

createVerifier({ tenantID: 'contoso.example', clientId: 'orders' }) // refused
createVerifier({ tenantId: 'contoso.example', clientId: 'orders', algorithms: ['HS256'] }) // refused
createVerifier({ tenantId: 'contoso.example', clientId: 'orders', clockTolerance: '5 min' }) // refused
createVerifier({ tenantId: 'contoso.example', clientId: 'orders', keys: { refresh: 60 } }) // refused
createCheckAuthToken({ tenantId: 'contoso.example', clientId: 'orders', logger: true }) // refused
createCheckAuthToken('contoso.example') // refused
new Verifier() // refused

export async function misuse(verified: VerifiedToken) {
  verified.tenantId = 'another' // refused
  verified.roles.push('Admin') // refused
}

const app = express()
app.use(checkAuthToken()) // refused
app.get('/', (req, res) => {
  const text: string = req.auth // refused
  const tenant: string = req.auth.tenantId // refused
  res.send(text + tenant)
})
