// A forward proxy for HTTPS (RFC 9110, section 9.3.6) that notes whom it connected to.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect } from 'node:net'

/**
 * Listens until the test ends. With `credentials` (`user:password`) nobody else gets through; `refuse` is a status for all,
 * `challenges` are sent with it. `misbehave`: `hang` never answers, `close` closes, `babble` does not speak HTTP. `resolve`
 * names the port of this machine that it connects to, whatever it is asked for.
 *
 * @returns {Promise<{ url: string, host: string, targets: string[], asked: string[] }>}
 */
export async function startForwardProxy(t, { credentials, refuse, challenges = [], misbehave, resolve } = {}) {
  const [targets, asked] = [[], []]
  const server = createServer((_req, res) => res.writeHead(400).end())
  const sockets = new Set()
  server.on('connection', (socket) => sockets.add(socket))
  server.on('connect', (req, client, head) => {
    const wanted = credentials && `Basic ${Buffer.from(credentials).toString('base64')}`
    const status = refuse ?? (wanted && req.headers['proxy-authorization'] !== wanted ? 407 : 200)
    asked.push(req.url)
    client.on('error', () => client.destroy())
    if (misbehave === 'hang') return
    if (misbehave === 'close') return client.destroy()
    if (misbehave === 'babble') return client.end('SSH-2.0-OpenSSH_9.6\r\n')
    const headers = challenges.map((challenge) => `Proxy-Authenticate: ${challenge}\r\n`).join('')
    if (status !== 200) return client.end(`HTTP/1.1 ${status} No\r\n${headers}Content-Length: 0\r\n\r\n`)
    targets.push(req.url)
    const [host, port] = resolve ? ['127.0.0.1', resolve] : req.url.split(':')
    const upstream = connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      upstream.write(head)
      upstream.pipe(client).pipe(upstream)
    })
    for (const socket of [client, upstream]) socket.on('error', () => socket.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  const host = `127.0.0.1:${server.address().port}`
  return { url: `http://${credentials ? `${credentials}@` : ''}${host}`, host, targets, asked }
}
