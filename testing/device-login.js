'use strict'

const { htmlAnswer } = require('./answers')
const { requestedClaims } = require('./claims')
const { authenticateClient, presentedBy } = require('./client-authentication')
const { entraError } = require('./entra-errors')
const { codeOf } = require('./errors')
const { postedForm, readForm } = require('./form')
const { goodAnswer } = require('./token-endpoint')
const { VERSION_1, VERSION_2 } = require('./versions')

/**
 * @typedef {import('./answers').Exchange} Exchange
 * @typedef {import('./router').TenantExchange} TenantExchange
 */

/** Seconds between two questions of a device. Entra says 5, which every test would wait. */
const INTERVAL = 1

/** @param {TenantExchange} exchange */
const deviceCodeV2 = (exchange) => issueDeviceCode(exchange, VERSION_2)

/** @param {TenantExchange} exchange */
const deviceCodeV1 = (exchange) => issueDeviceCode(exchange, VERSION_1)

/**
 * The code that a device shows to its user (RFC 8628, section 3.2).
 *
 * @param {TenantExchange} exchange
 * @param {import('./versions').Version} version
 */
async function issueDeviceCode(exchange, version) {
  const { directory, request } = exchange
  const posted = await postedForm(exchange)
  if ('refusal' in posted) return posted.refusal
  const { form } = posted
  const clientId = form.get('client_id')
  const wanted = form.get(version.parameter)
  if (!clientId) return entraError(exchange, 900144, { parameter: 'client_id' })
  if (!wanted) return entraError(exchange, 900144, { parameter: version.parameter })
  const tenant = exchange.tenant.open ? directory.tenants.home(exchange.tenant) : exchange.tenant
  if (tenant === undefined) return entraError(exchange, 50059)
  exchange.tenant = tenant
  const client = directory.apps.findClient(clientId)
  if (client === undefined) return entraError(exchange, 700016, { clientId, tenantId: tenant.tenantId })
  const proof = authenticateClient(exchange, client, presentedBy(request, form), 'device_code')
  if ('refusal' in proof) return proof.refusal
  const asked = version.targetOf(exchange, client, wanted)
  if ('refusal' in asked) return asked.refusal
  const requested = requestedClaims(exchange, form)
  if ('refusal' in requested) return requested.refusal

  const { userCode, deviceCode, expiresIn } = directory.signIns.addDevice({
    clientId: client.clientId,
    tenantId: tenant.tenantId,
    target: asked.target,
    claims: requested.claims
  })
  const page = `${directory.url}/common/oauth2/deviceauth`
  const inText = (/** @type {number} */ seconds) => (version === VERSION_1 ? String(seconds) : seconds)
  return goodAnswer(exchange, {
    user_code: userCode,
    device_code: deviceCode,
    [version === VERSION_1 ? 'verification_url' : 'verification_uri']: page,
    expires_in: inText(expiresIn),
    interval: inText(INTERVAL),
    message: `To sign in, use a web browser to open the page ${page} and enter the code ${userCode} to authenticate.`
  })
}

/**
 * The page where the user enters the code, and signs in by doing so.
 *
 * @param {Exchange} exchange
 */
async function deviceLogin(exchange) {
  const { request, directory } = exchange
  if (request.method !== 'POST') return enterCode(exchange, 'Enter the code that your device shows')
  const form = await readForm(request)
  const userCode = form?.get('otc')
  try {
    if (!userCode) return enterCode(exchange, 'The code is missing', 400)
    directory.signIns.decide(userCode, form?.has('cancel') ? 'declined' : directory.user)
  } catch (error) {
    if (codeOf(error) !== 'ERR_TESTING_OPTION') throw error
    return enterCode(exchange, "That code didn't work. Check the code and try again", 400)
  }
  return htmlAnswer(exchange, 200, form?.has('cancel') ? 'You declined' : 'You are signed in: go back to your device')
}

/**
 * @param {Exchange} exchange
 * @param {string} title
 * @param {number} [status]
 */
function enterCode(exchange, title, status = 200) {
  const page = htmlAnswer(exchange, status, title)
  const form =
    '<form method="POST"><input name="otc" autofocus autocomplete="off"><button>Next</button>' +
    '<button name="cancel" value="1">Cancel</button></form>'
  return { ...page, body: page.body.replace('</body>', `${form}</body>`) }
}

module.exports = { deviceCodeV1, deviceCodeV2, deviceLogin }
