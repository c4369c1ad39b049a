'use strict'

const { distance } = require('../spelling')

/** Microsoft's clouds, by the `cloud_instance_name` of their metadata; `login.` in front of it is the host. */
const CLOUDS = ['microsoftonline.com', 'microsoftonline.us', 'partner.microsoftonline.cn']

/** Maximum number of letters by which a misspelt host may differ. */
const MAX_DISTANCE = 3

/**
 * Whether a host belongs to Entra, External ID or B2C.
 *
 * @param {string} hostname
 */
function isOfMicrosoft(hostname) {
  return CLOUDS.some((cloud) => hostname === `login.${cloud}`) || /\.(?:ciamlogin|b2clogin)\.com$/.test(hostname)
}

/**
 * The host of a cloud that was probably meant by a misspelt one.
 *
 * @param {string} hostname
 * @returns {string | undefined}
 */
function hostMeant(hostname) {
  if (isOfMicrosoft(hostname)) return undefined
  return CLOUDS.map((cloud) => `login.${cloud}`).find((host) => distance(host, hostname) <= MAX_DISTANCE)
}

module.exports = { CLOUDS, hostMeant, isOfMicrosoft }
