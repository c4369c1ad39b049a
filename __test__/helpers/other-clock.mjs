// A server in front of an authority whose documents are its own, and whose clock is not that of this machine.
import { once } from 'node:events'
import { createServer } from 'node:http'

/**
 * Listens until the test ends; `ahead` are the seconds by which its clock is ahead, `age` those of a cache; `change` makes another document of one, or `undefined` where
 * there is none.
 */
export async function startOtherClock(t, authority, { ahead = 0, age, change = (document) => document } = {}) {
  const server = createServer(async (req, res) => {
    const answer = await fetch(authority.url + req.url)
    const document = (await answer.text()).replaceAll(authority.url, url)
    res.setHeader('Date', new Date(Date.now() + ahead * 1000).toUTCString())
    if (age !== undefined) res.setHeader('Age', String(age))
    const changed = change(document, req.url)
    const status = changed === undefined ? 404 : answer.status
    res.writeHead(status, { 'Content-Type': 'application/json' }).end(changed)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${server.address().port}`
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  return url
}
