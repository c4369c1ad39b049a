// Tokens: a valid one of the configuration's kind, then up to three changes to it. Each has a seed of its own, which repeats it.

import { validClaims, validHeader } from './claims.mjs'
import { authoritiesOf, configurations } from './configurations.mjs'
import { Draft } from './draft.mjs'
import { NOW } from './identities.mjs'
import { changes } from './mutations.mjs'
import { randomOf } from './random.mjs'
import { signatureOf } from './signers.mjs'

/**
 * @typedef {object} Sample
 * @property {number} seed
 * @property {string} configuration name in configurations.mjs
 * @property {string[]} changes names of the changes that were made
 * @property {string} token
 * @property {number} now seconds
 */

/**
 * @param {number} seed
 * @returns {Sample}
 */
export function sampleOf(seed) {
  const random = randomOf(seed)
  const configuration = random.pick(Object.keys(configurations))
  const options = random.pick(authoritiesOf(configurations[configuration]))
  const { header, signer } = validHeader(options, random)
  const now =
    NOW +
    random.weighted([
      [5, 0],
      [1, 0.5]
    ])
  const draft = new Draft(header, validClaims(options, random, now), signer)
  const names = []
  const count = random.weighted([
    [3, 0],
    [6, 1],
    [2, 2],
    [1, 3]
  ])
  for (let change = 0; change < count; change++) {
    const { name, apply } = random.weighted(changes)
    names.push(name)
    apply(draft, random, options)
  }
  return { seed, configuration, changes: names, token: draft.token(signatureOf), now }
}
