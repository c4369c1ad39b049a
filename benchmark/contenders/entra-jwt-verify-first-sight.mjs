import { randomUUID } from 'node:crypto'
import { optionsFor } from './entra-jwt-verify.mjs'

export default {
  id: 'entra-jwt-verify-first-sight',
  label: 'entra-jwt-verify, first sight of a token',
  packages: ['entra-jwt-verify'],
  checks: 'as entra-jwt-verify; a verifier that has not seen the token',
  sight: 'first',
  setup({ 'entra-jwt-verify': { createCheckAuthToken } }, world) {
    const renew = () => ({
      // Another audience makes another policy: whatever is remembered, and wherever, was not judged by this one.
      middleware: createCheckAuthToken({ ...optionsFor(world), audience: [world.audience, `urn:uuid:${randomUUID()}`] })
    })
    return { ...renew(), renew }
  }
}
