// What docs/faq.md and docs/frameworks/hono.md say about middleware at a path: alone, other spellings of the path get past it; in the
// same call as what it protects, none does.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import { serveStatic } from '@hono/node-server/serve-static'
import test from 'ava'
import { requireRole } from 'entra-jwt-verify'
import * as hono from 'entra-jwt-verify/hono'
import express5 from 'express'
import express4 from 'express4'
import { Hono } from 'hono'
import polka from 'polka'
import { listen } from '../helpers/app.mjs'
import { text } from '../helpers/facts.mjs'
import { sendSpelling, spellingsOf } from '../helpers/spellings.mjs'
import { start } from '../helpers/start.mjs'

/** A folder with `private/report.txt`, until the test ends. */
function publicFolder(t) {
  const folder = mkdtempSync(join(tmpdir(), 'public-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  mkdirSync(join(folder, 'private'))
  writeFileSync(join(folder, 'private', 'report.txt'), 'protected')
  return folder
}

for (const [name, express] of Object.entries({ 'Express 5': express5, 'Express 4': express4 })) {
  test(`faq.md, ${name}: alone at a path, middleware and guards are passed by with each spelling that the page names`, async (t) => {
    const { authority, middleware } = await start(t)
    const folder = publicFolder(t)
    const spellings = /^ {4}(\/\/private.*)$/m.exec(text('docs/faq.md'))[1].split(/ +/)
    t.is(spellings.length, 5)
    const authorization = `Bearer ${authority.issueToken()}`
    for (const [protect, sent] of [
      [(app) => app.use('/private', middleware()), undefined],
      [(app) => app.use(middleware()).use('/private', requireRole('Admin')), authorization]
    ]) {
      const app = express()
      protect(app)
      app.use(express.static(folder))
      app.get('/:area/tasks', (req, res) => res.send(req.params.area))
      const { url, close } = await listen(app)
      t.teardown(close)
      t.true((await sendSpelling(url, '/private/report.txt', sent)).status >= 401)
      for (const spelling of spellings) {
        t.deepEqual(await sendSpelling(url, spelling, sent), { status: 200, body: 'protected' }, spelling)
      }
      t.deepEqual(await sendSpelling(url, '/%70rivate/tasks', sent), { status: 200, body: 'private' })
    }
  })

  test(`faq.md, ${name}: in the same call as what they protect, middleware and guards are not passed by`, async (t) => {
    const { authority, middleware } = await start(t)
    const files = express.static(join(publicFolder(t), 'private'))
    const [plain, admin] = [[], ['Admin']].map((roles) => `Bearer ${authority.issueToken({ roles })}`)
    for (const [protect, refused, admitted] of [
      [(app) => app.use('/private', middleware(), files), undefined, plain],
      [(app) => app.use(middleware()).use('/private', requireRole('Admin'), files), plain, admin]
    ]) {
      for (const sensitive of [false, true]) {
        const app = express()
        app.set('case sensitive routing', sensitive)
        protect(app)
        const { url, close } = await listen(app)
        t.teardown(close)
        const path = '/private/report.txt'
        t.deepEqual(await sendSpelling(url, path, admitted), { status: 200, body: 'protected' })
        for (const spelling of [path, ...spellingsOf(path)]) {
          t.true((await sendSpelling(url, spelling, refused)).status >= 401, spelling)
        }
      }
    }
  })
}

test('faq.md, frameworks/hono.md: alone at a path, middleware does not run for the path in another case', async (t) => {
  const { options, middleware } = await start(t)
  const inPolka = polka().use('/api', middleware())
  inPolka.get('/:area/tasks', (req, res) => res.end(req.params.area))
  const inHono = new Hono().use('/api/*', hono.createCheckAuthToken({ ...options, logger: false }))
  inHono.get('/:area/tasks', (c) => c.text(c.req.param('area')))
  for (const listener of [inPolka.handler, getRequestListener(inHono.fetch)]) {
    const { url, close } = await listen(listener)
    t.teardown(close)
    t.is((await sendSpelling(url, '/api/tasks')).status, 401)
    t.deepEqual(await sendSpelling(url, '/API/tasks'), { status: 200, body: 'API' })
  }
})

test('frameworks/hono.md: middleware and a static folder in the same call', async (t) => {
  const { authority, options } = await start(t)
  const files = serveStatic({ root: relative('.', publicFolder(t)) })
  const app = new Hono().use('/private/*', hono.createCheckAuthToken({ ...options, logger: false }), files)
  const { url, close } = await listen(getRequestListener(app.fetch))
  t.teardown(close)
  const path = '/private/report.txt'
  t.deepEqual(await sendSpelling(url, path, `Bearer ${authority.issueToken()}`), { status: 200, body: 'protected' })
  for (const spelling of [path, ...spellingsOf(path)]) {
    t.true([401, 404].includes((await sendSpelling(url, spelling)).status), spelling)
  }
})
