// The lines of docs/mcp.md about where protectMcp() and guards belong: no other spelling of the path reaches the handler without
// them.
import test from 'ava'
import * as mcp from 'entra-jwt-verify/mcp'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import express5 from 'express'
import express4 from 'express4'
import { listen } from '../helpers/app.mjs'
import { text } from '../helpers/facts.mjs'
import { mcpOptions, post } from '../helpers/mcp.mjs'
import { sendSpelling, spellingsOf } from '../helpers/spellings.mjs'

/** Runs a block of the page, from the line that starts with some words, with what the text around it provides. */
function runFrom(words, names) {
  const page = text('docs/mcp.md')
  const start = page.indexOf(`\n${words}`)
  const lines = page.slice(start, page.indexOf('```', start))
  new Function(...Object.keys(names), lines)(...Object.values(names))
}

for (const [name, express] of Object.entries({ 'Express 5': express5, 'Express 4': express4 })) {
  for (const [words, isGuard] of [
    ['app.use(auth.resourceMetadata)\napp.all', false],
    ['const guard = requireScopeOrRole', true]
  ]) {
    test(`${name}, docs/mcp.md: the lines from "${words}" on`, async (t) => {
      const authority = await startTestAuthority({ quiet: true })
      t.teardown(() => authority.close())
      const auth = mcp.protectMcp(mcpOptions(authority, 'https://api.example/mcp'))
      const app = express()
      if (isGuard) app.use(auth)
      runFrom(words, { ...mcp, app, auth, express, handle: (_req, res) => res.end('handled') })
      const { url, close } = await listen(app)
      t.teardown(close)
      const admitted = await post(`${url}/mcp`, authority.issueToken({ roles: ['Task.Read.All'] }))
      t.deepEqual([admitted.status, await admitted.text()], [200, 'handled'])
      const [token, status] = isGuard ? [`Bearer ${authority.issueToken()}`, 403] : [undefined, 401]
      t.is((await sendSpelling(url, '/mcp', token, 'POST')).status, status)
      for (const spelling of spellingsOf('/mcp')) {
        t.true([status, 404].includes((await sendSpelling(url, spelling, token, 'POST')).status), spelling)
      }
    })
  }
}
