// `explain --web` as a process of its own, and a browser for its page.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import test from 'ava'
import { chromium } from 'playwright-core'
import { BIN, inherited } from './cli.mjs'

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'

const FLAGS =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync'

/** Starts the page until the test ends; returns its URL. */
export async function startPage(t, env, args = []) {
  const child = spawn(process.execPath, [BIN, 'explain', '--web', ...args], { env: { ...inherited(), ...env } })
  t.teardown(() => child.kill())
  let said = ''
  for await (const chunk of child.stdout.setEncoding('utf8')) {
    said += chunk
    const [url] = /http:\/\/127\.0\.0\.1:\d+\/\S+/.exec(said) ?? []
    if (url) return url
  }
  throw new Error('it said no address')
}

/** Registers a test that needs a browser; where there is none, as skipped. */
export function testWithBrowser(title, implementation) {
  if (existsSync(CHROMIUM)) return test(title, implementation)
  const { skip } = test
  skip(`${title} (needs ${CHROMIUM}; CHROMIUM can name another)`, implementation)
}

/** A page in a browser of its own, which ends with the test. `violations` are what its security policy did not allow. */
export async function openPage(t, url, settings) {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS.split(' ') })
  t.teardown(() => browser.close())
  const context = await browser.newContext({ permissions: ['clipboard-read', 'clipboard-write'], ...settings })
  const page = await context.newPage()
  const problems = []
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text())
  })
  await page.addInitScript(() => {
    globalThis.violations = []
    document.addEventListener('securitypolicyviolation', (event) => globalThis.violations.push(event.violatedDirective))
  })
  await page.goto(url)
  return { page, problems, violations: () => page.evaluate(() => globalThis.violations) }
}

/** Puts a text into the field, as pasting does, and waits for the verdict on it. */
export async function paste(page, text) {
  const answered = page.waitForResponse((response) => response.url().endsWith('/explain'))
  await page.fill('#text', text)
  await answered
  await page.waitForSelector('#verdict:not([hidden])')
}
