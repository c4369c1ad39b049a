'use strict'

const { printable } = require('../output')

/**
 * What a member of a header or of claims means; `personal` where its value identifies a person.
 *
 * @typedef {{ name: string, value: string, meaning: string, personal: boolean }} Row
 */

/** @type {Record<string, string>} */
const HEADER = {
  alg: 'how it is signed; Entra signs with RS256',
  typ: 'what it is; JWT or at+jwt for an access token',
  kid: 'the name of the key that signed it',
  x5t: 'the thumbprint of the certificate of that key (SHA-1)',
  nonce: 'the mark of tokens for Microsoft Graph, which only Graph can verify',
  enc: 'how it is encrypted: only the holder of the private key can read it',
  zip: 'how it is compressed',
  cty: 'what is inside',
  crit: 'extensions that a verifier has to know'
}

/** @type {Record<string, string>} */
const CLAIMS = {
  aud: 'who it is for: the API, by its client id or App ID URI',
  iss: 'who issued it: the tenant, and the version of the token',
  iat: 'when it was issued',
  nbf: 'from when on it is valid',
  exp: 'until when it is valid',
  ver: 'the version of the token: 1.0 or 2.0',
  tid: 'the tenant that issued it',
  appid: 'the client that asked for it (v1)',
  azp: 'the client that asked for it (v2)',
  appidacr: 'how the client proved itself (v1): 0 not at all, 1 by a secret, 2 by a certificate',
  azpacr: 'how the client proved itself (v2): 0 not at all, 1 by a secret, 2 by a certificate',
  app_displayname: 'the name of the client',
  idtyp: 'app: the client acts for itself; user: for a user',
  scp: 'delegated permissions: what the client may do for the user',
  roles: 'app roles of the user, or of the client where it acts for itself',
  wids: 'directory roles of the user, by their template ids',
  groups: 'groups of the user, by object id',
  hasgroups: 'the user has more groups than fit: ask Graph for them',
  _claim_names: 'claims that did not fit, and where to ask for them',
  _claim_sources: 'where to ask for the claims that did not fit',
  acr: 'how the user was authenticated, or the user flow of B2C',
  acrs: 'authentication contexts of Conditional Access that are met',
  amr: 'by what the user was authenticated: pwd, mfa, rsa, …',
  auth_time: 'when the user signed in',
  cnf: 'the key that the token is bound to: it is not a bearer token',
  tfp: 'the user flow of Azure AD B2C',
  xms_cc: 'what the client can do: cp1 means claims challenges',
  xms_mirid: 'the managed identity, as a resource of Azure',
  xms_az_rid: 'the resource of Azure that the token was given to',
  xms_tcdt: 'when the tenant was created',
  xms_tdbr: 'where the data of the tenant lives',
  xms_idrel: 'how the user belongs to the tenant: member, guest, …',
  xms_ftd: 'internal to Entra',
  xms_sub_fct: 'internal to Entra',
  aio: 'internal to Entra',
  rh: 'internal to Entra',
  uti: 'the id of this token, as sign-in logs have it',
  jti: 'the id of this token',
  nonce: 'ties an id token to the request of the client',
  at_hash: 'ties an id token to an access token',
  c_hash: 'ties an id token to a code',
  idp: 'who authenticated the user, where it is not the tenant',
  acct: 'the kind of account: 0 member, 1 guest',
  ctry: 'the country of the user',
  tenant_ctry: 'the country of the tenant',
  tenant_region_scope: 'the region of the tenant',
  fwd: 'the address of the client, behind a proxy',
  platf: 'the platform of the device',
  deviceid: 'the device',
  client_id: 'the client that asked for it (RFC 9068)',
  scope: 'delegated permissions (RFC 9068)',
  act: 'who acts for the subject (RFC 8693)'
}

/** Claims that identify a person, or where they are. @type {Record<string, string>} */
const PERSONAL = {
  sub: 'the user, by an id that differs from API to API',
  oid: 'the user, or the client where it acts for itself, by object id',
  name: 'the name of the user',
  preferred_username: 'the name by which the user signs in',
  upn: 'the name by which the user signs in',
  unique_name: 'a name of the user',
  email: 'the e-mail address of the user',
  verified_primary_email: 'the e-mail address of the user',
  verified_secondary_email: 'another e-mail address of the user',
  given_name: 'the first name of the user',
  family_name: 'the last name of the user',
  nickname: 'a name of the user',
  phone_number: 'the telephone number of the user',
  ipaddr: 'the address from which the user signed in',
  sid: 'the session of the user',
  puid: 'the user, by an older id',
  onprem_sid: 'the user, by the id of the directory on premises',
  in_corp: 'whether the user signed in from the network of the company',
  login_hint: 'the user, for the sign-in page',
  altsecid: 'the user, by the id of another provider',
  xms_pl: 'the language of the user'
}

/** Claims that are instants, in seconds since 1970. */
const INSTANTS = ['iat', 'nbf', 'exp', 'auth_time', 'xms_tcdt']

/**
 * The members of a header, each with what it means.
 *
 * @param {Record<string, unknown>} header
 * @returns {Row[]}
 */
function headerRows(header) {
  return Object.entries(header).map(([name, value]) => ({
    name: printable(name),
    value: shown(name, value),
    meaning: Object.hasOwn(HEADER, name) ? (HEADER[name] ?? '') : 'not known here',
    personal: false
  }))
}

/**
 * The claims, each with what it means. What is not known here may be personal.
 *
 * @param {Record<string, unknown>} claims
 * @returns {Row[]}
 */
function claimRows(claims) {
  return Object.entries(claims).map(([name, value]) => {
    const isKnown = Object.hasOwn(CLAIMS, name)
    const personal = Object.hasOwn(PERSONAL, name) ? PERSONAL[name] : undefined
    const meaning =
      (isKnown ? CLAIMS[name] : personal) ?? 'not known here; a claim that the application asked for, perhaps'
    return { name: printable(name), value: shown(name, value), meaning, personal: !isKnown }
  })
}

/**
 * @param {string} name
 * @param {unknown} value
 */
function shown(name, value) {
  // Nothing in it may make the page read otherwise than it is.
  if (typeof value === 'string') return printable(value)
  if (INSTANTS.includes(name) && typeof value === 'number' && Math.abs(value) < 8.64e12) {
    return `${value} (${new Date(value * 1000).toISOString().replace('.000Z', 'Z')})`
  }
  return printable(JSON.stringify(value))
}

module.exports = { claimRows, headerRows }
