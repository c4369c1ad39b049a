// The first thing that README.md asks for: with Express, without it, and against a tenant that the environment names.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'ava'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import { root } from '../../scripts/process.mjs'
import { cli } from '../helpers/cli.mjs'

test('the demo runs on Express, and every answer is as it expects', async (t) => {
  // Variables that would lead it elsewhere, but not to a tenant.
  const elsewhere = 'https://nowhere.example'
  const env = { AZURE_AUTHORITY_HOST: elsewhere, ENTRA_TENANT_ID: 'nonsense', ENTRA_AUTHORITY: elsewhere }
  const { status, stdout, stderr } = await cli(['demo'], { env })
  t.is(status, 0, stdout + stderr)
  t.regex(stdout, /^Test authority at http:\/\/127\.0\.0\.1:\d+, never for production\. Express application with/)
  t.regex(stdout, /\n17 answers, all as expected\n/)
  t.is(stderr, '')
})

test('without Express it runs on node:http', (t) => {
  // A copy where no node_modules folder is above it.
  const folder = mkdtempSync(join(tmpdir(), 'demo-alone-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  const addons = readdirSync(root).filter((name) => name.endsWith('.node'))
  for (const name of ['bin', 'lib', 'testing', 'index.js', 'package.json', ...addons]) {
    cpSync(join(root, name), join(folder, name), { recursive: true })
  }
  const { NODE_PATH: _, ...env } = process.env
  const demo = [join(folder, 'bin', 'entra-jwt-verify.js'), 'demo']
  const { status, stdout, stderr } = spawnSync(process.execPath, demo, { cwd: folder, env, encoding: 'utf8' })
  t.is(status, 0, stdout + stderr)
  t.regex(stdout, /Application on node:http with checkAuthToken\./)
  t.regex(stdout, /\n17 answers, all as expected\n/)
})

test('with a tenant in the environment it uses that, and leaves out what only a test authority does', async (t) => {
  const apps = [{ appIdUri: 'api://tasks', clientSecret: 'secret', roles: ['Task.Read'] }]
  const authority = await startTestAuthority({ quiet: true, apps })
  t.teardown(() => authority.close())
  const env = { ...authority.env(), ENTRA_CLIENT_SECRET: 'secret' }
  const { status, stdout, stderr } = await cli(['demo'], { env })
  t.is(status, 0, stdout + stderr)
  t.regex(stdout, /^Your tenant\. /)
  t.regex(stdout, /\n7 answers, all as expected\n/)

  const refused = await cli(['demo'], { env: { ...env, ENTRA_CLIENT_SECRET: 'wrong' } })
  t.is(refused.status, 2)
  t.regex(refused.stderr, /AADSTS7000215/)
})
