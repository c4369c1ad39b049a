import { contender } from '../contenders/index.mjs'
import { startAuthority } from '../harness/authority.mjs'
import { BARE, EMPTY } from '../harness/server-ids.mjs'
import { measureServers, row, summarize } from '../harness/servers.mjs'
import { issueTokens, signingKeyOf } from '../harness/tokens.mjs'
import { table, title } from '../report/print.mjs'

export const name = 'http'

const OURS = 'entra-jwt-verify'

const LABELS = { [BARE]: 'Express alone', [EMPTY]: 'Express, a middleware that does nothing' }

// Middlewares, and what is written into one in a few lines. What has only one fixed key is no server.
const CANDIDATES = [
  OURS,
  'entra-jwt-verify-no-cache',
  'fast-jwt-cache',
  'aws-jwt-verify',
  'jsonwebtoken-jwks-rsa',
  'jose-remote',
  'express-oauth2-jwt-bearer',
  'express-jwt',
  'passport-azure-ad',
  'axios-jsonwebtoken'
]

/** Express 5 over real HTTP: the server in its own process, the load from this one. */
export async function run({ profile }) {
  title('http: Express 5, keep-alive; ratio of requests per second to Express alone, same rounds')
  const authority = await startAuthority()
  try {
    const { world } = authority
    const ids = [BARE, EMPTY, ...CANDIDATES]
    const { runs, failures } = await measureServers(ids, {
      authority,
      tokens: await issueTokens(world, signingKeyOf(world), profile.http.distinct),
      module: 'measure/http-server.mjs',
      inputFor: (id) => ({ id, world }),
      close: [BARE, EMPTY, OURS],
      times: profile.http,
      timeout: profile.timeout
    })
    const lines = profile.http.connections.flatMap((connections) =>
      ids
        .filter((id) => !failures.includes(id))
        .map((id) => summarize(id, LABELS[id] ?? contender(id).label, runs.get(id).get(connections), connections))
    )
    table(lines.map(row))
    return { lines, failures: failures.map((id) => ({ id })) }
  } finally {
    await authority.close()
  }
}
