// Runs in a child process: an application of one framework behind one of its contenders, or bare.
import { frameworks } from '../frameworks/index.mjs'
import { assertJudgesAlike } from '../harness/gate.mjs'
import { loadPackages } from '../harness/packages.mjs'

export { methods } from './http-server.mjs'

export default async function start({ framework, id, world }) {
  const { packages, serve, contenders } = frameworks.find((candidate) => candidate.id === framework)
  const chosen = contenders.find((candidate) => candidate.id === id)
  const protect = chosen && ((app) => chosen.protect(app, loadPackages(chosen.packages), world))
  const url = await serve(loadPackages(packages), protect)
  if (chosen?.checks !== undefined) await assertJudgesAlike(chosen, { verify: (token) => call(url, token) }, world)
  return { url }
}

async function call(url, token) {
  const { status } = await fetch(url, { headers: { authorization: `Bearer ${token}` } })
  if (status !== 200) throw new Error(`${status}`)
}
