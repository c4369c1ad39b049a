import { optionsFor } from './entra-jwt-verify.mjs'

export default {
  id: 'entra-jwt-verify-no-cache',
  label: 'entra-jwt-verify, token cache off',
  packages: ['entra-jwt-verify'],
  checks: 'as entra-jwt-verify; tokenCache: false',
  sight: 'first',
  setup({ 'entra-jwt-verify': { createCheckAuthToken } }, world) {
    try {
      return { middleware: createCheckAuthToken({ ...optionsFor(world), tokenCache: false }) }
    } catch (error) {
      if (error.code !== 'ERR_CONFIG') throw error
      // Versions without the option remember no tokens.
      return { middleware: createCheckAuthToken(optionsFor(world)) }
    }
  }
}
