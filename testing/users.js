'use strict'

const { assertText, refuseUnknownOptions } = require('./errors')
const { assertGuid } = require('./guid')
const { assertRoles } = require('./permissions')

/** @typedef {import('./index').TestUser} TestUser */

const KNOWN = ['userName', 'name', 'objectId', 'roles']

/**
 * The user who signs in.
 *
 * @param {Partial<TestUser>} given
 * @param {TestUser} defaults
 * @returns {TestUser}
 */
function readUser(given, defaults) {
  refuseUnknownOptions(given, KNOWN, 'user')
  const user = { ...defaults, ...given }
  if (user.objectId !== undefined) assertGuid('user: objectId', user.objectId)
  for (const name of /** @type {const} */ (['userName', 'name'])) assertText(`user: ${name}`, user[name])
  assertRoles('user: roles', user.roles)
  return Object.freeze(user)
}

/**
 * @param {string} domain
 * @returns {TestUser}
 */
function defaultUser(domain) {
  return { userName: `testuser@${domain}`, name: 'Test User', objectId: undefined, roles: [] }
}

/**
 * The user whom an access token stands for; its object id says who that is, whatever else it leaves out.
 *
 * @param {Record<string, unknown>} claims
 * @param {TestUser} testUser
 * @returns {TestUser}
 */
function userOfClaims({ oid, name, preferred_username: preferredUsername, upn }, testUser) {
  const userName = preferredUsername ?? upn
  return {
    ...testUser,
    ...(typeof userName === 'string' && { userName }),
    ...(typeof name === 'string' && { name }),
    ...(typeof oid === 'string' && { objectId: oid })
  }
}

module.exports = { defaultUser, readUser, userOfClaims }
