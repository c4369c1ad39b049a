// A contender is one file:
//
//   id         unique, also its file's name
//   label      as people call it
//   packages   what it is made of; the first is the one that it is named after
//   checks     what it verifies and where its keys come from, for the results
//   omits      what it does not look at, by the names in harness/gate.mjs
//   sight      'first': each token is new to it; 'again': it remembers tokens. Neither: it does the same every time
//   setup(packages, world)
//              gives `{ verifySync }`, `{ verify }` or `{ middleware }`; `renew`, where it remembers tokens and is to
//              see them as new, gives another such object that has seen none. `packages` are loaded by the harness, so
//              that the same file runs here and in a folder where nothing else is installed.

import awsJwtVerify from './aws-jwt-verify.mjs'
import axiosJsonwebtoken from './axios-jsonwebtoken.mjs'
import entra from './entra-jwt-verify.mjs'
import entraFirstSight from './entra-jwt-verify-first-sight.mjs'
import entraNoCache from './entra-jwt-verify-no-cache.mjs'
import expressJwt from './express-jwt.mjs'
import expressOauth2JwtBearer from './express-oauth2-jwt-bearer.mjs'
import fastJwt from './fast-jwt.mjs'
import fastJwtCache from './fast-jwt-cache.mjs'
import joseLocal from './jose-local.mjs'
import joseRemote from './jose-remote.mjs'
import jsonwebtoken from './jsonwebtoken.mjs'
import jsonwebtokenJwksRsa from './jsonwebtoken-jwks-rsa.mjs'
import jsonwebtokenPem from './jsonwebtoken-pem.mjs'
import nodeRsJsonwebtoken from './node-rs-jsonwebtoken.mjs'
import passportAzureAd from './passport-azure-ad.mjs'

export const contenders = [
  entra,
  entraFirstSight,
  entraNoCache,
  fastJwtCache,
  fastJwt,
  jsonwebtoken,
  jsonwebtokenPem,
  awsJwtVerify,
  jsonwebtokenJwksRsa,
  joseLocal,
  joseRemote,
  expressOauth2JwtBearer,
  nodeRsJsonwebtoken,
  expressJwt,
  passportAzureAd,
  axiosJsonwebtoken
]

export function contender(id) {
  return contenders.find((candidate) => candidate.id === id)
}
