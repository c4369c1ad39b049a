'use strict'

const { readFileSync } = require('node:fs')
const { codeOf } = require('../../thrown')
const { UsageError } = require('../usage')
const { certificateAssertion } = require('./client-assertion')

/** @typedef {Record<string, string | undefined>} Environment */

/**
 * What proves to the token endpoint who the client is: parameters of the request.
 *
 * @typedef {(endpoint: string) => Record<string, string>} Proof
 */

/**
 * How a service gets its tokens: an application by a proof of its own, or a managed identity, whose platform has the proof.
 *
 * @typedef {{ kind: 'application', from: string, tenantId: string, tenantFrom: string, clientId: string, proof: Proof }
 *   | { kind: 'managed-identity', clientId: string | undefined }} Credential
 */

/** What the command line says in place of the environment. */
/** @typedef {{ tenantId?: string, clientId?: string, certificate?: string, tokenFile?: string, isManaged: boolean }} Given */

const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** Variables by which a platform offers a managed identity. */
const PLATFORM = ['IDENTITY_ENDPOINT', 'MSI_ENDPOINT']

/**
 * The credential that the environment has, by the variables of the Azure SDKs and in their order: secret, certificate,
 * workload identity, managed identity.
 *
 * @param {Given} given
 * @param {Environment} environment
 * @returns {Credential}
 */
function credentialOf(given, environment) {
  const clientId = given.clientId ?? environment.AZURE_CLIENT_ID
  const proof = given.isManaged ? undefined : proofOf(given, environment, clientId)
  if (proof === undefined) {
    if (given.isManaged || PLATFORM.some((name) => environment[name])) return { kind: 'managed-identity', clientId }
    const other = environment.ENTRA_CLIENT_SECRET ? ' (this command does not read ENTRA_CLIENT_SECRET)' : ''
    throw new UsageError(
      `no client credentials are set: set AZURE_CLIENT_SECRET${other}, AZURE_CLIENT_CERTIFICATE_PATH or AZURE_FEDERATED_TOKEN_FILE, ` +
        'or pass --managed-identity on a virtual machine'
    )
  }
  const { tenantId, tenantFrom } = tenantOf(given, environment)
  if (!clientId) throw new UsageError('the client is missing: set AZURE_CLIENT_ID, or give --client-id')
  if (!tenantId) throw new UsageError('the tenant is missing: set AZURE_TENANT_ID, or give --tenant-id')
  if (/^(?:common|organizations|consumers)$/i.test(tenantId)) {
    throw new UsageError(
      `the tenant is ${tenantId}: an application gets tokens of one tenant, so give its id or domain`
    )
  }
  return { kind: 'application', ...proof, tenantId, tenantFrom, clientId }
}

/**
 * The tenant, and the option or variable that it is from.
 *
 * @param {Given} given
 * @param {Environment} environment
 */
function tenantOf(given, environment) {
  if (given.tenantId !== undefined) return { tenantId: given.tenantId, tenantFrom: '--tenant-id' }
  const { AZURE_TENANT_ID: azures, ENTRA_TENANT_ID: ours } = environment
  return azures === undefined
    ? { tenantId: ours, tenantFrom: 'ENTRA_TENANT_ID' }
    : { tenantId: azures, tenantFrom: 'AZURE_TENANT_ID' }
}

/**
 * @param {Given} given
 * @param {Environment} environment
 * @param {string | undefined} clientId
 * @returns {{ from: string, proof: Proof } | undefined}
 */
function proofOf({ certificate, tokenFile }, environment, clientId) {
  const {
    AZURE_CLIENT_SECRET: secret,
    AZURE_CLIENT_CERTIFICATE_PATH: certificatePath,
    AZURE_CLIENT_CERTIFICATE_PASSWORD: passphrase,
    AZURE_CLIENT_SEND_CERTIFICATE_CHAIN: sendsChain = '',
    AZURE_FEDERATED_TOKEN_FILE: federatedTokenFile
  } = environment
  /** @type {(path: string) => { from: string, proof: Proof }} */
  const byCertificate = (path) => ({
    from: path,
    proof: (endpoint) =>
      assertion(
        certificateAssertion({
          pem: contentOf(path),
          passphrase,
          clientId: clientId ?? '',
          endpoint,
          sendsChain: /^(?:1|true)$/i.test(sendsChain)
        })
      )
  })
  /** @type {(path: string) => { from: string, proof: Proof }} */
  const byToken = (path) => ({ from: path, proof: () => assertion(contentOf(path).toString('utf8').trim()) })
  if (certificate) return byCertificate(certificate)
  if (tokenFile) return byToken(tokenFile)
  if (secret) return { from: 'AZURE_CLIENT_SECRET', proof: () => ({ client_secret: secret }) }
  if (certificatePath) return byCertificate(certificatePath)
  return federatedTokenFile ? byToken(federatedTokenFile) : undefined
}

/** @param {string} text */
function assertion(text) {
  return { client_assertion_type: JWT_BEARER, client_assertion: text }
}

/** @param {string} path */
function contentOf(path) {
  const content = readOrComplain(path)
  if (content.length === 0) throw new UsageError(`${path} is empty`)
  return content
}

/** @param {string} path */
function readOrComplain(path) {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${codeOf(error)}`)
  }
}

module.exports = { credentialOf }
