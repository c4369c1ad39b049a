// For whom a token is (docs/options.md, `audience`): application ids without case, one trailing slash of a URI ignored, `spn:` before
// an application id in a v1 token.
import { isGuid } from './policy.mjs'

export function acceptsAudience(payload, policy) {
  const isV1 = policy.isEntra && payload.get('ver') === '1.0'
  const accepted = policy.audiences.map((audience) => comparable(audience, policy.isEntra))
  const audiences = [payload.get('aud')].flat()
  return audiences.some((audience) => typeof audience === 'string' && accepted.includes(comparable(audience, isV1)))
}

function comparable(audience, mayBePrincipalName) {
  const id = mayBePrincipalName && audience.startsWith('spn:') ? audience.slice(4) : audience
  if (isGuid(id)) return id.toLowerCase()
  const isUri = /^[a-z][a-z0-9+.-]*:\/\//i.test(audience)
  return isUri && audience.endsWith('/') ? audience.slice(0, -1) : audience
}
