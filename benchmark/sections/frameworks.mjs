import { frameworks } from '../frameworks/index.mjs'
import { startAuthority } from '../harness/authority.mjs'
import { BARE, EMPTY } from '../harness/server-ids.mjs'
import { measureServers, row, summarize } from '../harness/servers.mjs'
import { issueTokens, signingKeyOf } from '../harness/tokens.mjs'
import { table, title } from '../report/print.mjs'

export const name = 'frameworks'

/** Every framework but Express over real HTTP, as the section http: bare, with ours, with what its users take otherwise. */
export async function run({ profile }) {
  const authority = await startAuthority()
  try {
    const tokens = await issueTokens(authority.world, signingKeyOf(authority.world), profile.frameworks.distinct)
    const lines = []
    const failures = []
    for (const framework of frameworks) {
      title(
        `frameworks: ${framework.label}, keep-alive; ratio of requests per second to the framework alone, same rounds`
      )
      const measured = await measureFramework(framework, { authority, tokens, profile })
      table(measured.lines.map(row))
      lines.push(...measured.lines)
      failures.push(...measured.failures)
    }
    return { lines, failures }
  } finally {
    await authority.close()
  }
}

async function measureFramework({ id: framework, label, contenders }, { authority, tokens, profile }) {
  const [ours] = contenders
  const labels = new Map([
    [BARE, `${label} alone`],
    [EMPTY, `${label}, ${contenders.find(({ id }) => id === EMPTY).label}`],
    ...contenders.filter(({ id }) => id !== EMPTY).map(({ id, label: of }) => [id, of])
  ])
  const { runs, failures } = await measureServers([...labels.keys()], {
    authority,
    tokens,
    module: 'measure/framework-server.mjs',
    inputFor: (id) => ({ framework, id, world: authority.world }),
    close: [BARE, ours.id, ...contenders.filter(({ checks }) => checks === undefined).map(({ id }) => id)],
    times: profile.frameworks,
    timeout: profile.timeout
  })
  const lines = profile.frameworks.connections.flatMap((connections) =>
    [...labels]
      .filter(([id]) => !failures.includes(id))
      .map(([id, of]) => ({ framework: label, ...summarize(id, of, runs.get(id).get(connections), connections) }))
  )
  return { lines, failures: failures.map((id) => ({ id: `${framework}, ${id}` })) }
}
