import { statSync } from 'node:fs'
import { availableParallelism, cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { addonFile, platform } from '../../scripts/platform.mjs'
import { root } from '../../scripts/process.mjs'
import { contenders } from '../contenders/index.mjs'
import { frameworks } from '../frameworks/index.mjs'
import { packageOf, versionOf } from './packages.mjs'

/** What has to be known to compare two runs; nothing that tells whose machine it was. */
export function describeMachine() {
  const ofFrameworks = frameworks.flatMap((framework) => [framework, ...framework.contenders])
  const all = [...contenders, ...ofFrameworks].flatMap(({ packages }) => packages)
  const names = new Set([...all, 'express', 'autocannon'].map(packageOf))
  return {
    machine: {
      processor: cpus()[0].model.trim(),
      cores: availableParallelism(),
      memoryBytes: totalmem(),
      platform,
      node: process.version,
      openssl: process.versions.openssl
    },
    versions: Object.fromEntries([...names].sort().map((name) => [name, versionOf(name)])),
    addonBytes: statSync(join(root, addonFile)).size
  }
}
