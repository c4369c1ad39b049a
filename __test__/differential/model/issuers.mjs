// Whose a token is: Entra's rules, and those for any other issuer.
import { isGuid } from './policy.mjs'
import { isText } from './types.mjs'

/** Whether a token names an issuer of this policy, of whatever version. */
export function acceptsIssuer(payload, { isEntra, issuers, versions, exactIssuer, allowsTenant }) {
  const iss = payload.get('iss')
  if (!isText(iss)) return false
  if (!isEntra) return iss === exactIssuer
  const tenants = versions.map((version) => tenantOf(iss, issuers[version]))
  return tenants.some((tenant) => tenant !== undefined && allowsTenant(tenant))
}

/** Whether a token names an issuer of this policy's cloud, of whatever tenant. */
export function namesTenant(payload, { isEntra, issuers, versions }) {
  const iss = payload.get('iss')
  if (!isEntra || !isText(iss)) return false
  return versions.some((version) => isGuid(tenantOf(iss, issuers[version])))
}

export function checkEntra(payload, key, policy, broken) {
  const ver = payload.get('ver')
  const iss = payload.get('iss')
  const tid = payload.get('tid')
  if (!policy.versions.includes(ver)) broken.add('issuer-version')
  else if (!isText(iss) || tenantOf(iss, policy.issuers[ver]) === undefined) broken.add('issuer')
  else if (isText(tid) && tenantOf(iss, policy.issuers[ver]) !== tid) broken.add('tenant-in-issuer')

  // A reader that compares names without case must not find another tenant.
  for (const name of payload.keys())
    if (name !== 'tid' && /^tid$/i.test(name) && name.length === 3) broken.add('tenant-twice')
  if (!isGuid(tid)) broken.add('tenant-no-guid')
  else if (!policy.allowsTenant(tid)) broken.add('tenant-not-allowed')

  if (!payload.has('appid') && !payload.has('azp')) broken.add('client-not-named')
  if (payload.get('idtyp') === 'app' && payload.has('scp')) broken.add('app-with-scopes')
  if (key?.issuer !== undefined && isText(tid)) {
    const isForTenant = policy.keyIssuers.some((issuer) => withTenant(key.issuer, tid) === issuer(tid))
    if (!isForTenant) broken.add('key-issuer')
  }
}

export function checkForeign(payload, key, policy, broken) {
  const iss = payload.get('iss')
  if (iss !== policy.exactIssuer) broken.add('issuer')
  const tid = payload.get('tid')
  if (key?.issuer !== undefined && withTenant(key.issuer, isText(tid) ? tid : '') !== iss) broken.add('key-issuer')
}

/** What stands for the tenant in an issuer of this form; `undefined` in one of another form. */
function tenantOf(iss, issuer) {
  const [prefix, suffix] = issuer('|').split('|')
  // An issuer that holds its tenant is compared whole.
  if (suffix === undefined) return iss === prefix ? prefix.split('/').at(-2) : undefined
  const isOfThisForm = iss.startsWith(prefix) && iss.endsWith(suffix) && iss.length >= prefix.length + suffix.length
  return isOfThisForm ? iss.slice(prefix.length, iss.length - suffix.length) : undefined
}

function withTenant(template, tid) {
  return template.split('{tenantid}').join(tid)
}
