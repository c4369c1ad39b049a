// The guides of docs/migrating: the programs before and after are extracted from each page, run as Express applications against
// the same test authority, and sent the same requests. What differs is what the page says, no more and no less.
//   node --test __test__/migrating/migrating.mjs
//   node __test__/migrating/migrating.mjs --write    writes the tables of differences into the pages
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { startTestAuthority } from '../../testing/index.js'
import { makeFolder, removeFolder, startApplication } from './application.mjs'
import { answerOf, differences, HEADINGS, NO_RESPONSE } from './differences.mjs'
import { defaultsOf, optionsOf, replacements } from './options.mjs'
import {
  defaultsIn,
  explainedIn,
  optionsIn,
  pages,
  pathOf,
  programOf,
  replacementsIn,
  requestsBelow,
  tablesOf,
  textOf,
  withTables
} from './page.mjs'
import { OUTAGES, requestsOf, VALID } from './requests.mjs'

/** What no application may accept, whatever a page says. */
const FORGED = [
  'no `Authorization` header',
  'another scheme',
  'not a JWT',
  'signed by another key',
  'no signature (`alg: none`)',
  'the signature cut off',
  'HS256, signed with the public key',
  'an unknown `kid`',
  'expired',
  'for another API'
]

/** By page: the answers of each program, by request. */
const answers = {}
let running = []
let folder
let authority

async function run() {
  authority = await startTestAuthority({
    quiet: true,
    tls: true,
    apps: [
      { name: 'API', accessTokenVersion: 2, scopes: ['Task.Read'] },
      { name: 'client', clientSecret: 'secret' }
    ]
  })
  folder = makeFolder(authority)
  running = await Promise.all(
    pages.flatMap((page) =>
      ['before', 'after'].map(async (which) => {
        const code = programOf(page, which === 'before' ? 'Before' : 'After')
        const application = await startApplication(folder, `${page.slice(0, -3)}-${which}`, code, authority)
        answers[page] ??= {}
        answers[page][which] = {}
        return { ...application, answers: answers[page][which] }
      })
    )
  )
  const requests = requestsOf(authority)
  const valid = requests[VALID]
  authority.fail(503)
  await each((app) => record(app, OUTAGES.withoutKeys, valid))
  authority.recover()
  await each((app) => accepts(app, valid))
  authority.fail(503)
  await each((app) => record(app, OUTAGES.withKeys, valid))
  authority.fail('hang')
  await each((app) => record(app, OUTAGES.silent, valid, { patience: 3000 }))
  authority.recover()
  // The pause after a fetch that failed or brought nothing new.
  await sleep(1100)
  await each(async (app) => {
    for (const [name, request] of Object.entries(requests)) await record(app, name, request, { valid })
  })
}

async function stop() {
  await each((app) => app.stop())
  await authority?.close()
  if (folder) removeFolder(folder)
}

const each = (action) => Promise.all(running.map(action))

async function record(app, name, request, { valid = request, patience } = {}) {
  const response = await app.send(request, patience)
  app.answers[name] = typeof response === 'string' ? NO_RESPONSE[response] : await answerOf(response)
  if (response === 'ended') await accepts(app, valid)
}

/** Waits until an application has recovered from the outage; aws-jwt-verify takes ten seconds. */
async function accepts(app, request) {
  const deadline = Date.now() + 20_000
  for (;;) {
    const response = await app.send(request)
    if (response.ok) return
    const said = typeof response === 'string' ? response : `${response.status} ${await response.text()}`
    if (Date.now() > deadline) throw new Error(`${app.name} accepts no valid token: ${said}\n${app.output()}`)
    await sleep(300)
  }
}

const occurring = (page) => differences(answers[page].before, answers[page].after)

if (process.argv.includes('--write')) {
  await run().finally(stop)
  for (const page of pages) writeFileSync(pathOf(page), withTables(page, occurring(page)))
} else {
  before(run)
  after(stop)

  for (const page of pages) {
    test(`docs/migrating/${page}: callers notice what its tables say, and nothing else`, () => {
      const listed = tablesOf(page)
      const occurs = occurring(page)
      assert.deepEqual(
        {
          'occurs and is not listed': occurs.filter((line) => !listed.includes(line)),
          'is listed and does not occur': listed.filter((line) => !occurs.includes(line))
        },
        { 'occurs and is not listed': [], 'is listed and does not occur': [] }
      )
      assert.deepEqual(listed, occurs)
    })

    test(`docs/migrating/${page}: both accept a valid token, and tell the handler the same`, () => {
      const [old, now] = ['before', 'after'].map((which) => answers[page][which][VALID])
      assert.equal(old.accepted, true)
      assert.match(old.body, /"caller":"[0-9a-f-]{36}"/)
      assert.equal(now.body, old.body)
    })

    test(`docs/migrating/${page}: neither accepts a forgery`, () => {
      for (const which of ['before', 'after']) {
        assert.deepEqual(
          FORGED.filter((request) => answers[page][which][request].accepted),
          [],
          which
        )
      }
    })
  }

  test('what the guides give as a replacement exists', () => {
    const known = replacements()
    for (const page of pages) {
      const named = replacementsIn(page).flatMap((code) => /^(?:keys\.\w+|ERR_\w+|[a-z]+[A-Z]\w*)/.exec(code) ?? [])
      assert.ok(named.length > 2, page)
      assert.deepEqual(
        named.filter((name) => !known.has(name)),
        [],
        page
      )
    }
  })

  for (const [page, options] of Object.entries(optionsOf)) {
    test(`docs/migrating/${page}: says of every option what replaces it`, () => {
      const listed = optionsIn(page)
      assert.deepEqual(
        options().filter((option) => !listed.includes(option)),
        []
      )
    })
  }

  for (const [page, defaults] of Object.entries(defaultsOf)) {
    test(`docs/migrating/${page}: has the defaults of the package`, () => {
      assert.deepEqual(defaultsIn(page), defaults())
    })
  }

  test('docs/migrating/README.md has every guide, and a reason for each request that is now rejected or accepted', () => {
    const index = textOf('README.md')
    // A middleware that everybody has a variant of has no options.
    assert.deepEqual(
      pages.filter((page) => !Object.hasOwn(optionsOf, page)),
      ['from-the-pasted-middleware.md']
    )
    assert.deepEqual(
      pages.filter((page) => !index.includes(`](${page})`)),
      []
    )
    for (const [heading, differ] of [
      ['Why a request is rejected now', HEADINGS.stricter],
      ['Why a request is accepted now', HEADINGS.laxer]
    ]) {
      const requests = new Set(pages.flatMap((page) => requestsBelow(page, differ)))
      assert.deepEqual(explainedIn(heading).sort(), [...requests].sort(), heading)
    }
  })
}
