// A test authority for one test, with the options that make verifiers and middleware trust it.
import { createCheckAuthToken, createVerifier } from 'entra-jwt-verify'
import { startTestAuthority } from 'entra-jwt-verify/testing'

/** The tenant of personal Microsoft accounts. */
export const MICROSOFT_ACCOUNTS = '9188040d-6c67-4c5b-b112-36a304b66dad'

/** Runs until the test ends. An option that is `undefined` in `more` is not given. */
export async function start(t, settings) {
  const authority = await startTestAuthority({ quiet: true, ...settings })
  t.teardown(() => authority.close())
  const options = optionsFor(authority)
  return {
    authority,
    options,
    verifier: (more) => createVerifier({ ...options, ...more }),
    middleware: (more) => createCheckAuthToken({ ...options, logger: false, ...more })
  }
}

export function optionsFor(authority) {
  return {
    tenantId: authority.tenantId,
    clientId: authority.api.clientId,
    authorityHost: authority.url,
    ca: authority.ca
  }
}

/** `passes`, or the code of the refusal. */
export function verdict(verifier, token, options) {
  return verifier.verify(token, options).then(
    () => 'passes',
    (error) => error.code
  )
}

export const seconds = (count) => new Promise((resolve) => setTimeout(resolve, count * 1000))

/** Calls until something is so. */
export async function until(condition, meanwhile = () => undefined) {
  const deadline = Date.now() + 20_000
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('it did not come about')
    await meanwhile()
    await seconds(0.05)
  }
}
