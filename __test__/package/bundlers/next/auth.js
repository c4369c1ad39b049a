import { createCheckAuthToken } from 'entra-jwt-verify/fetch'

const { TENANT_ID, CLIENT_ID, JWKS } = process.env

export const checkAuthToken = createCheckAuthToken({
  tenantId: TENANT_ID,
  clientId: CLIENT_ID,
  jwks: JSON.parse(JWKS),
  responses: 'rfc6750'
})
