// Reads a Bearer challenge as strictly as RFC 6750, section 3, writes it.

/**
 * The parameters of a challenge.
 *
 * @throws when it is no challenge of the scheme Bearer with quoted parameters, or when a value has a character that the
 * RFC does not let it have
 */
export function parseChallenge(header) {
  const [, list] = /^Bearer(?: (.+))?$/.exec(header) ?? fail(header)
  const parameters = {}
  // A quoted-string without escapes: the RFC's own values have neither quotes nor backslashes.
  const parameter = /([a-z_]+)="([\x20\x21\x23-\x5b\x5d-\x7e]*)"(?:, |$)/y
  while (list !== undefined && parameter.lastIndex < list.length) {
    const [, name, value] = parameter.exec(list) ?? fail(header)
    if (Object.hasOwn(parameters, name)) fail(header)
    parameters[name] = value
  }
  return parameters
}

function fail(header) {
  throw new Error(`no challenge as in RFC 6750: ${header}`)
}
