// Runs in a child process. Static keys: no network is involved.
import {
  firstSightMiddleware,
  firstSightSync,
  knowsAuthorities,
  knowsOption,
  secondSightMiddleware,
  secondSightSync
} from '../harness/ours.mjs'
import { measureInterleaved } from '../harness/rounds.mjs'
import { cryptoVerify, subjectOf } from '../harness/subjects.mjs'
import { createSigningKey, createTenant, issueTokens, TOKEN_SIZE } from '../harness/tokens.mjs'

export default async function measure({ profile }) {
  const lines = []
  for (const algorithm of ['RS256', 'PS256', 'ES256']) {
    const key = createSigningKey(algorithm)
    const world = { ...createTenant(), jwk: key.jwk }
    const about = { world, key, algorithm, profile }
    for (const distinct of profile.distinct) lines.push(...(await measureGroup({ ...about, distinct })))
    if (algorithm === 'RS256') lines.push(...(await measureMany({ ...about, distinct: profile.manyDistinct })))
    if (algorithm === 'RS256') lines.push(...(await measureSizes(about)))
  }
  return lines
}

/** Both sights of one number of tokens. */
async function measureGroup(about) {
  const pool = await issueTokens(about.world, about.key, about.distinct, about)
  return [...(await measureFirstSight(about, pool)), ...(await measureSecondSight(about, pool))]
}

/** More tokens than are remembered by default; and, where that can be set, remembering all of them. */
async function measureMany(about) {
  const pool = await issueTokens(about.world, about.key, about.distinct, about)
  const lines = [...(await measureFirstSight(about, pool)), ...(await measureSecondSight(about, pool))]
  const tokenCache = 2 * about.distinct
  if (!knowsOption(about.world, { tokenCache })) return lines
  return [...lines, ...(await measureSecondSight({ ...about, tokenCache }, pool))]
}

/** An ordinary number of tokens, from the smallest to the largest that is accepted. */
async function measureSizes(about) {
  const distinct = Math.min(50, ...about.profile.distinct.filter((count) => count > 1))
  const lines = []
  for (const size of about.profile.sizes) {
    lines.push(...(await measureGroup({ ...about, size, distinct, series: 'size' })))
  }
  return lines
}

// First and second sight are measured apart: tokens that are new push others out of whatever remembers them.
function measureFirstSight(about, pool) {
  // A batch of one token is as many verifiers as calls.
  const limit = { largestBatch: about.distinct === 1 ? 64 : undefined }
  const { world, algorithm } = about
  return measureSight(about, pool, 'first', [
    subjectOf('verifySync', firstSightSync(world, { algorithm }), pool, limit),
    subjectOf('middleware', firstSightMiddleware(world, { algorithm }), pool, limit)
  ])
}

function measureSecondSight(about, pool) {
  const { world, algorithm, tokenCache } = about
  const options = { algorithm, ...(tokenCache && { tokenCache }) }
  return measureSight(about, pool, 'second', [
    subjectOf('verifySync', secondSightSync(world, pool, options), pool),
    subjectOf('middleware', secondSightMiddleware(world, pool, options), pool),
    subjectOf('middleware, claims read', secondSightMiddleware(world, pool, { ...options, readClaims: true }), pool),
    ...severalAuthorities(about, pool, options)
  ])
}

/** The same tokens, where theirs is one of several authorities; older commits do not know that. */
function severalAuthorities({ world, series, distinct }, pool, options) {
  if (series !== undefined || distinct !== 50 || !knowsAuthorities(world)) return []
  return [2, 8].map((authorities) =>
    subjectOf(
      `middleware, ${authorities} authorities`,
      secondSightMiddleware(world, pool, { ...options, authorities }),
      pool
    )
  )
}

async function measureSight(about, pool, sight, subjects) {
  const { algorithm, distinct, tokenCache, size = TOKEN_SIZE, series = 'distinct', key, profile } = about
  const reference = cryptoVerify(pool, key.publicKey, algorithm)
  const lines = await measureInterleaved([reference, ...subjects], profile)
  return lines.map(({ id, ...measured }) => ({
    series,
    algorithm,
    distinct,
    size,
    sight,
    through: id,
    ...(tokenCache && { tokenCache }),
    ...measured
  }))
}
