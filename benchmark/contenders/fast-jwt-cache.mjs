import { optionsFor } from './fast-jwt.mjs'

export default {
  id: 'fast-jwt-cache',
  label: 'fast-jwt with cache, token seen before',
  packages: ['fast-jwt'],
  checks: 'as fast-jwt; remembers 1000 tokens',
  sight: 'again',
  setup({ 'fast-jwt': { createVerifier } }, world) {
    return { verifySync: createVerifier({ ...optionsFor(world), cache: true }) }
  }
}
