// The options that each package has by its own declarations: a guide says of every one what replaces it.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as entra from '../../index.js'
import { all, declaredOptions, text } from '../helpers/facts.mjs'

const installed = join(dirname(fileURLToPath(import.meta.url)), 'node_modules')

const declarationsIn = (file) => readFileSync(join(installed, file), 'utf8').replace(/\/\*\*[\s\S]*?\*\//g, '')

/** The members of a type in a declaration file, without those of its members. */
function members(file, type) {
  const name = type.replace('$', '\\$')
  const whole = new RegExp(
    `^( *)(?:export )?(?:interface|type) ${name}(?![\\w$])[^{}\\n]*\\{\\n([\\s\\S]*?)^\\1\\}`,
    'm'
  )
  const [, , body] = whole.exec(declarationsIn(file)) ?? []
  if (body === undefined) throw new Error(`found no ${type} in ${file}: where did it go? Correct the pattern`)
  const [indentation] = /^ +/m.exec(body)
  return all(body, new RegExp(`^${indentation}\\[?(\\w+)\\]?[?(:]`, 'gm'), `members of ${type}`)
}

/** By page: the names of the options. */
export const optionsOf = {
  // It has no declarations; the comment above the class lists them.
  'from-passport-azure-ad.md': () =>
    all(
      readFileSync(join(installed, 'passport-azure-ad/lib/bearerstrategy.js'), 'utf8'),
      /^ \* {3}- `(\w+)`/gm,
      'options of passport-azure-ad'
    ),
  'from-express-jwt-and-jwks-rsa.md': () => [
    ...members('express-jwt/dist/index.d.ts', 'Params'),
    ...members('@types/jsonwebtoken/index.d.ts', 'VerifyOptions'),
    ...members('jwks-rsa/index.d.ts', 'OptionsBase'),
    ...members('jwks-rsa/index.d.ts', 'OptionsWithFetcher'),
    ...members('jwks-rsa/index.d.ts', 'OptionsWithUri'),
    'handleSigningKeyError'
  ],
  'from-express-oauth2-jwt-bearer.md': () => [
    ...members('express-oauth2-jwt-bearer/dist/index.d.ts', 'JwtVerifierOptions'),
    ...members('express-oauth2-jwt-bearer/dist/index.d.ts', 'AuthOptions$1'),
    ...members('express-oauth2-jwt-bearer/dist/index.d.ts', 'AuthOptions')
  ],
  'from-jose.md': () => [
    ...members('jose/dist/types/types.d.ts', 'JWTClaimVerificationOptions'),
    ...members('jose/dist/types/types.d.ts', 'VerifyOptions'),
    ...members('jose/dist/types/types.d.ts', 'CritOption'),
    ...members('jose/dist/types/jwks/remote.d.ts', 'RemoteJWKSetOptions')
  ],
  'from-aws-jwt-verify.md': () => [
    ...members('aws-jwt-verify/jwt-verifier.d.ts', 'VerifyProperties'),
    ...members('aws-jwt-verify/jwt-verifier.d.ts', 'JwtVerifierProperties'),
    'jwksCache'
  ]
}

/** Names that a guide may give as a replacement: options, exports and error codes of this package. */
export function replacements() {
  const declarations = text('index.d.ts')
  const codes = all(declarations, /^ {2}\| '(ERR_\w+)'/gm, 'error codes')
  return new Set([...declaredOptions(declarations).keys(), ...Object.keys(entra), ...codes])
}

const pairs = (file, pattern) =>
  [...readFileSync(join(installed, file), 'utf8').matchAll(pattern)].map((found) => found.slice(1))

/** By page, where it has the defaults of the package: those that its source says. */
export const defaultsOf = {
  'from-passport-azure-ad.md': () =>
    Object.fromEntries([
      ...pairs('passport-azure-ad/lib/bearerstrategy.js', /default value of (\w+) is (true|false)/g),
      ...pairs('passport-azure-ad/lib/bearerstrategy.js', /`(loggingNoPII)` .*default value is (true|false)/g),
      ...pairs('passport-azure-ad/lib/constants.js', /CLOCK_SKEW = (\d+)/g).map(([seconds]) => ['clockSkew', seconds])
    ]),
  'from-express-oauth2-jwt-bearer.md': () =>
    Object.fromEntries(
      pairs('express-oauth2-jwt-bearer/dist/index.js', /^const jwtVerifier = (.*)$/gm).flatMap(([parameters]) =>
        [...parameters.matchAll(/(\w+) = (\d+|true|false)/g)].map(([, option, value]) => [option, value])
      )
    )
}
