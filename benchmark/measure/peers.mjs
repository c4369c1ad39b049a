// Runs in a child process that trusts the test authority.
import { createPublicKey } from 'node:crypto'
import { contenders } from '../contenders/index.mjs'
import { assertJudgesAlike } from '../harness/gate.mjs'
import { loadPackages } from '../harness/packages.mjs'
import { measureInterleaved } from '../harness/rounds.mjs'
import { cryptoVerify, subjectOf } from '../harness/subjects.mjs'
import { issueTokens, signingKeyOf } from '../harness/tokens.mjs'

export default async function measure({ world, profile }) {
  const pool = await issueTokens(world, signingKeyOf(world), profile.distinct)
  const subjects = [cryptoVerify(pool, createPublicKey(world.publicKeyPem))]
  const failures = []
  for (const contender of contenders) {
    try {
      const instance = await contender.setup(loadPackages(contender.packages), world)
      await assertJudgesAlike(contender, instance, world)
      subjects.push(subjectOf(contender.id, instance, pool))
    } catch (error) {
      failures.push({ id: contender.id, message: error.message })
    }
  }
  return { lines: await measureInterleaved(subjects, profile), failures }
}
