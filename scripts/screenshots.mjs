// Opens the page of `explain --web` in Chromium and takes its picture, for the documentation: docs/pictures/explain-web-*.png.
//   node scripts/screenshots.mjs     CHROMIUM names the browser where it is not /usr/bin/chromium
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { chromium } from 'playwright-core'
import { root } from './process.mjs'

const { startTestAuthority } = createRequire(import.meta.url)('../testing/index.js')
const { startPage } = createRequire(import.meta.url)('../lib/cli/web/server.js')

const API = '4f0c2d36-9c1b-4e5e-8f7a-6a1d2b3c4d5e'
const CLIENT = '9d1c7a80-2b3e-4f4a-bb0d-5c6e7f809a1b'

const authority = await startTestAuthority({
  quiet: true,
  tenantId: '7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a11',
  apps: [
    { clientId: API, name: 'tasks-api' },
    { clientId: CLIENT, clientSecret: 'x', name: 'web' }
  ]
})
const { url, close } = await startPage({ tenantId: authority.tenantId, clientId: API, authorityHost: authority.url })
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--no-first-run']
})
const token = authority.issueToken({ delegated: true, scopes: ['Task.Read'], audience: `api://${CLIENT}` })
for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
  const page = await browser.newPage({ colorScheme, viewport: { width: 1080, height: 1180 } })
  await page.goto(url)
  await page.fill('#text', `Authorization: Bearer ${token}`)
  await page.waitForSelector('#verdict:not([hidden])')
  await page.locator('#text').blur()
  const path = join(root, 'docs', 'pictures', `explain-web-${colorScheme}.png`)
  await page.screenshot({ path })
  console.log(path)
}
await browser.close()
close()
await authority.close()
