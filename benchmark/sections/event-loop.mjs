import { setTimeout as wait } from 'node:timers/promises'
import { contender } from '../contenders/index.mjs'
import { startAuthority } from '../harness/authority.mjs'
import { startChild } from '../harness/child.mjs'
import { load } from '../harness/load.mjs'
import { median } from '../harness/statistics.mjs'
import { issueTokens, signingKeyOf } from '../harness/tokens.mjs'
import { milli, table, title } from '../report/print.mjs'

export const name = 'event-loop'

const BARE = 'bare'
const CANDIDATES = [BARE, 'entra-jwt-verify', 'jsonwebtoken-jwks-rsa', 'express-oauth2-jwt-bearer']

/**
 * How late the event loop is under full load, and how a server gets over a rotation: all at once half of the requests
 * carry tokens of a key that it has not fetched yet, from an endpoint that takes its time.
 */
export async function run({ profile }) {
  const { rounds, connections, keyDelay } = profile.eventLoop
  title(
    `event-loop: ${connections} connections, Express 5; rotation: half of the tokens signed with a new key, ${keyDelay} ms away`
  )
  const runs = []
  for (let round = 0; round < rounds; round++) runs.push(...(await measureRound(profile)))
  const lines = CANDIDATES.flatMap((id) =>
    ['steady', 'rotation'].map((phase) =>
      summarize(runs.filter((measured) => measured.id === id && measured.phase === phase))
    )
  )
  table(lines.map(row))
  return { lines }
}

// Each round has servers and authorities of its own: a rotation is an event of once in weeks, and what the last one
// left behind (a pause between fetches, for example) is not to meet the next.
async function measureRound(profile) {
  const { settle } = profile.eventLoop
  const sites = []
  try {
    for (const id of CANDIDATES) sites.push(await startSite(id, profile))
    const started = performance.now()
    const steady = []
    for (const site of sites) steady.push(await measurePhase(site, 'steady', site.tokens, profile.eventLoop))
    // jose fetches no keys within 30 s of the last fetch; a rotation that soon is not what happens.
    await wait(Math.max(0, settle - (performance.now() - started)))
    const rotation = []
    for (const site of sites) rotation.push(await measureRotation(site, profile.eventLoop))
    return [...steady, ...rotation]
  } finally {
    for (const { server, authority } of sites) {
      await server.stop()
      await authority.close()
    }
  }
}

async function startSite(id, { timeout, eventLoop }) {
  const authority = await startAuthority()
  try {
    const { world, env } = authority
    const server = await startChild('measure/http-server.mjs', { id, world }, { env, timeout })
    const tokens = await issueTokens(world, signingKeyOf(world), eventLoop.distinct)
    return { id, authority, server, tokens }
  } catch (error) {
    await authority.close()
    throw error
  }
}

async function measureRotation(site, options) {
  const { authority, tokens } = site
  await authority.delay(options.keyDelay)
  const rotated = { ...authority.world, ...(await authority.rotateKeys()) }
  const renewed = await issueTokens(rotated, signingKeyOf(rotated), tokens.length)
  const before = await authority.keyRequests()
  const measured = await measurePhase(
    site,
    'rotation',
    tokens.flatMap((token, index) => [token, renewed[index]]),
    options
  )
  return { ...measured, keyRequests: (await authority.keyRequests()) - before }
}

async function measurePhase({ id, server }, phase, tokens, { connections, seconds }) {
  const { url } = server.value
  // Not measured: the load itself has to get going.
  if (phase === 'steady') await load({ url, tokens, connections, seconds: seconds / 3 })
  await server.call('begin')
  const { milliseconds, answers, failed } = await load({ url, tokens, connections, seconds })
  const { delay } = await server.call('end')
  return { id, phase, delay, milliseconds, answers, failed }
}

function summarize(runs) {
  const [{ id, phase, keyRequests }] = runs
  const middle = (read) => median(runs.map(read))
  return {
    id,
    label: id === BARE ? 'Express alone' : contender(id).label,
    phase,
    delayMilliseconds: { p99: middle(({ delay }) => delay.p99), max: middle(({ delay }) => delay.max) },
    answerMilliseconds: {
      p50: middle(({ milliseconds }) => milliseconds.p50),
      p99: middle(({ milliseconds }) => milliseconds.p99),
      max: middle(({ milliseconds }) => milliseconds.max)
    },
    failedShare: middle(({ failed, answers }) => failed / answers),
    ...(keyRequests !== undefined && { keyRequests: middle((measured) => measured.keyRequests) }),
    rounds: runs.length
  }
}

function row({ label, phase, delayMilliseconds, answerMilliseconds, failedShare, keyRequests }) {
  const delay = delayMilliseconds
  const answer = answerMilliseconds
  return [
    phase,
    label,
    `loop late by p99 ${milli(delay.p99)}, max ${milli(delay.max)}`,
    `answers p50 ${milli(answer.p50)}, p99 ${milli(answer.p99)}, max ${milli(answer.max)}`,
    `${(failedShare * 100).toFixed(2)} % failed${keyRequests === undefined ? '' : `, ${keyRequests} key requests`}`
  ]
}
