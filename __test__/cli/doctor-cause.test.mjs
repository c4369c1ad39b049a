// doctor: which failure is the root cause, and which only follow from it.
import test from 'ava'
import reasons from '../../lib/doctor/cause.js'
import { cli, temporaryFile } from '../helpers/cli.mjs'
import { start } from '../helpers/start.mjs'

const TENANT = '7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a11'
const CLIENT = '4f0c2d36-9c1b-4e5e-8f7a-6a1d2b3c4d5e'

/** Steps as `name status about`, with what each follows from. */
function told(...steps) {
  const before = []
  for (const text of steps) {
    const [name, status = 'failed', about] = text.split(' ')
    before.push(
      reasons.withReason({ name, status, message: text, hint: `mend ${name}`, ...(about && { about }) }, before)
    )
  }
  return reasons.firstCause(before)
}

test('what needs a step that failed follows from it', (t) => {
  for (const [steps, cause, follows, others] of [
    [['dns', 'metadata skipped', 'key-set skipped', 'keys'], 'dns', ['metadata', 'key-set', 'keys'], []],
    [['proxy', 'metadata skipped', 'keys'], 'proxy', ['metadata', 'keys'], []],
    [['tls', 'clock skipped', 'keys'], 'tls', ['clock', 'keys'], []],
    [['metadata failed x', 'key-set failed x', 'keys'], 'metadata', ['key-set', 'keys'], []],
    [['metadata failed x', 'key-set failed y', 'keys'], 'metadata', ['keys'], ['key-set']],
    [['metadata failed', 'key-set passed', 'keys passed'], 'metadata', [], []],
    [['clock', 'keys'], 'clock', [], ['keys']],
    [['tls passed', 'clock', 'keys passed'], 'clock', [], []],
    [['environment failed tenantId', 'configuration'], 'environment', ['configuration'], []],
    [['environment failed tenantId', 'tls', 'keys'], 'environment', ['keys'], ['tls']],
    [['environment failed authorityHost', 'dns', 'keys'], 'environment', ['dns', 'keys'], []],
    [['environment failed ca', 'tls', 'keys'], 'environment', ['tls', 'keys'], []],
    [['environment warning tenantId', 'dns', 'keys'], 'dns', ['keys'], []],
    [['dns skipped', 'proxy skipped', 'metadata skipped', 'keys'], 'keys', [], []]
  ]) {
    const { name, hint, ...rest } = told(...steps)
    t.deepEqual([name, rest.follows, rest.others], [cause, follows, others], steps.join(', '))
    t.is(hint, `mend ${cause}`)
  }
  t.is(told('dns passed', 'keys passed', 'clock warning'), undefined)
})

test('the report names the cause, and says of each step what it follows from', async (t) => {
  const { authority } = await start(t, { tls: true })
  const env = { AZURE_TENANT_ID: TENANT, AZURE_CLIENT_ID: CLIENT, AZURE_AUTHORITY_HOST: authority.url }
  const { stdout } = await cli(['doctor', '--json'], { env })
  const { cause, steps } = JSON.parse(stdout)
  t.is(cause.name, 'tls')
  t.regex(
    cause.hint,
    /^this process does not trust .* throw-away test CA.*: if TLS is inspected on the way.*NODE_EXTRA_CA_CERTS/
  )
  t.deepEqual(cause.follows, ['metadata', 'clock', 'key-set', 'keys'])
  for (const name of cause.follows) t.is(steps.find((step) => step.name === name).follows, 'tls')
  t.true(steps.every((step) => !('about' in step)))
})

test('a configuration that cannot be used for a reason in the environment follows from that', async (t) => {
  const env = { AZURE_TENANT_ID: `"${TENANT}"`, AZURE_CLIENT_ID: CLIENT, NODE_EXTRA_CA_CERTS: temporaryFile('x', '') }
  const { stdout, status } = await cli(['doctor'], { env: { ...env, LC_ALL: 'C.UTF-8' } })
  t.is(status, 1)
  t.regex(
    stdout,
    /✗ some checks failed; the root cause: environment\n {2}it is {3}AZURE_TENANT_ID has quotes.*\n {2}do {6}remove them.*(?:\n {10}.*)*\n {2}configuration follows only from that\.\n\n✗ also: environment\n/
  )
})

test('a variable that is not read is never the cause, and is in the report only', async (t) => {
  const { authority } = await start(t, { tls: true })
  const env = {
    AZURE_TENANT_ID: TENANT,
    AZURE_CLIENT_ID: CLIENT,
    AZURE_AUTHORITY_HOST: authority.url,
    ENTRA_REQUIRED_ROLES: 'Task.Read'
  }
  const { stdout, stderr } = await cli(['doctor', '--json'], { env })
  const { cause, steps } = JSON.parse(stdout)
  t.is(cause.name, 'tls')
  t.deepEqual(cause.others, [])
  t.is(steps.filter(({ message }) => /^ENTRA_REQUIRED_ROLES is set/.test(message))[0].status, 'warning')
  t.notRegex(stderr, /ENTRA_REQUIRED_ROLES/)
})

test('no command that ends says when it would try again', async (t) => {
  const { authority } = await start(t)
  const env = {
    AZURE_TENANT_ID: authority.tenantId,
    AZURE_CLIENT_ID: authority.api.clientId,
    AZURE_AUTHORITY_HOST: authority.url
  }
  authority.fail(503)
  for (const args of [['doctor'], ['doctor', '--json']]) {
    const { stdout } = await cli(args, { env })
    t.regex(stdout, /503/)
    t.notRegex(stdout, /next attempt/)
  }
})
