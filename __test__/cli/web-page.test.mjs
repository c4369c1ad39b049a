// explain --web in a browser: paste, verdict, hidden claims, doctor, keyboard; nothing that its policy forbids.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { environmentOf } from '../helpers/cli.mjs'
import { openPage, paste, startPage, testWithBrowser } from '../helpers/page.mjs'
import { start } from '../helpers/start.mjs'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

async function setUp(t, settings) {
  const { authority } = await start(t)
  const url = await startPage(t, environmentOf(authority))
  return { authority, url, ...(await openPage(t, url, settings)) }
}

const texts = (page, selector) => page.locator(selector).allInnerTexts()

testWithBrowser('what is pasted is explained at once, with what to do', async (t) => {
  const { authority, page, problems, violations } = await setUp(t)
  t.is(await page.evaluate(() => document.activeElement.id), 'text')
  await paste(page, `Authorization: Bearer ${authority.issueToken({ audience: 'api://another' })}`)
  t.regex(await page.innerText('#verdict-title'), /✗\s*Refused/)
  t.regex(await page.innerText('#code'), /^ERR_TOKEN_AUDIENCE/)
  const reason = await page.innerText('#reason')
  for (const part of [/the Authorization header/, /another API/, /api:\/\/another/, /do\s+\S/]) t.regex(reason, part)
  t.regex(await page.innerText('#failed'), /audience ERR_TOKEN_AUDIENCE/)
  t.regex(await page.innerText('#request'), /^curl /)
  await page.getByLabel('Managed identity').check()
  t.regex(await page.innerText('#request'), /ManagedIdentityCredential/)
  await paste(page, '{"error":"invalid_client","error_description":"AADSTS7000215: x"}')
  await page.locator('#reason', { hasText: 'AADSTS7000215' }).waitFor()
  t.regex(await page.innerText('#reason'), /AADSTS7000215.*\n*.*Secret ID/s)
  await page.click('#clear')
  t.true(await page.locator('#verdict').isHidden())
  t.deepEqual(await violations(), [])
  t.deepEqual(problems, [])
})

testWithBrowser('what says who somebody is stays hidden until it is asked for, and out of the report', async (t) => {
  const { authority, page } = await setUp(t)
  const token = authority.issueToken({ delegated: true, scopes: ['Task.Read'], claims: { name: 'Bob Example' } })
  await paste(page, token)
  t.false((await page.innerText('body')).includes('Bob Example'))
  await page.getByRole('button', { name: 'Show name', exact: true }).click()
  t.true((await page.innerText('#claims')).includes('Bob Example'))
  await page.getByRole('button', { name: 'Hide name', exact: true }).click()
  t.false((await page.innerText('#claims')).includes('Bob Example'))
  await page.click('#copy')
  const report = await page.evaluate(() => navigator.clipboard.readText())
  t.regex(report, /^entra-jwt-verify explain: valid\n/)
  t.regex(report, /\n- signature: passed\n/)
  for (const part of ['Bob', ...token.split('.')]) t.false(report.includes(part))
})

testWithBrowser('nothing in a token becomes markup, or runs', async (t) => {
  const { authority, page, violations } = await setUp(t)
  const evil = '<img src=x onerror="document.title=1"><script>document.title=2</script>'
  await paste(page, authority.issueToken({ audience: evil, claims: { aud: evil, roles: [evil], [evil]: evil } }))
  t.true((await page.innerText('#reason')).includes('<img'))
  t.is(await page.locator('main img, main script').count(), 0)
  t.regex(await page.title(), /^explain/)
  t.deepEqual(await violations(), [])
})

testWithBrowser('the times of the token, of this host and of the authority are shown', async (t) => {
  const { authority, page } = await setUp(t)
  await paste(page, authority.issueToken({ expiresIn: -7200 }))
  const [, until, host, theirs] = await texts(page, '#times li')
  t.regex(until, /^Valid until: 20.*Z, 2 h ago$/)
  t.regex(host, /^This host's clock: 20/)
  t.regex(theirs, /^The authority's clock: 20.*Z/)
  t.is(await page.locator('#timeline svg rect.over').count(), 1)
})

testWithBrowser('doctor runs, step by step', async (t) => {
  const { authority, page, violations } = await setUp(t)
  await page.click('#doctor')
  await page.locator('#cause').waitFor()
  t.true((await page.locator('#steps li').count()) >= 8)
  t.regex(await page.innerText('#cause'), /All checks passed/)
  await authority.stop()
  await page.click('#doctor')
  await page.locator('#cause h3').waitFor()
  t.regex(await page.innerText('#cause'), /The root cause: metadata/)
  t.deepEqual(await violations(), [])
})

testWithBrowser('it is usable with a keyboard', async (t) => {
  const { authority, page } = await setUp(t)
  await page.keyboard.insertText(authority.issueToken({ delegated: true, scopes: ['a'] }))
  await page.keyboard.press('Control+Enter')
  await page.waitForSelector('#verdict:not([hidden])')
  const reached = []
  for (let presses = 0; presses < 20; presses++) {
    await page.keyboard.press('Tab')
    reached.push(await page.evaluate(() => document.activeElement.textContent.trim() || document.activeElement.type))
  }
  for (const name of ['Explain', 'Clear', 'Copy report', 'radio', 'Copy request', 'Show'])
    t.true(reached.includes(name), name)
})

for (const colorScheme of ['light', 'dark']) {
  testWithBrowser(`axe finds nothing to complain about: ${colorScheme}`, async (t) => {
    const { authority, page } = await setUp(t, { colorScheme, bypassCSP: true })
    await paste(page, authority.issueToken({ delegated: true, audience: 'api://another', claims: { name: 'Bob' } }))
    await page.click('#passed-summary')
    await page.click('#doctor')
    await page.locator('#cause').waitFor()
    await page.evaluate(AXE)
    const { violations, passes } = await page.evaluate(() => globalThis.axe.run())
    t.deepEqual(
      violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]),
      []
    )
    t.true(passes.length > 20)
  })
}

testWithBrowser('a page that outlives its server says so', async (t) => {
  const { authority } = await start(t)
  const teardowns = []
  const url = await startPage({ teardown: (end) => teardowns.push(end) }, environmentOf(authority))
  const { page } = await openPage(t, url)
  for (const end of teardowns) end()
  await page.fill('#text', 'x')
  await page.waitForSelector('#verdict:not([hidden])')
  t.regex(await page.innerText('#verdict'), /has ended/)
})
