// The types of claims.

export const isText = (value) => typeof value === 'string'
export const isTexts = (value) => Array.isArray(value) && value.every(isText)
const isNumber = (value) => typeof value === 'number'

/** RFC 7519, 4.1. */
const REGISTERED = {
  iss: isText,
  sub: isText,
  aud: (value) => isText(value) || isTexts(value),
  exp: isNumber,
  nbf: isNumber,
  iat: isNumber,
  jti: isText
}

/** Microsoft, "Access token claims reference": those that decide something here. */
const ENTRAS = {
  ver: isText,
  tid: isText,
  oid: isText,
  appid: isText,
  appidacr: isText,
  azp: isText,
  azpacr: isText,
  idtyp: isText,
  scp: isText,
  roles: isTexts
}

export function checkTypes(payload, { isEntra }, broken) {
  if (!areOfType(payload, REGISTERED)) broken.add('registered-types')
  if (isEntra && !areOfType(payload, ENTRAS)) broken.add('entra-types')
}

function areOfType(payload, types) {
  return Object.entries(types).every(([name, isOfType]) => !payload.has(name) || isOfType(payload.get(name)))
}
