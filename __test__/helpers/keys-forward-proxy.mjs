// A forward proxy, a process of its own. Environment: PROXY_USER and PROXY_PASSWORD, without which it lets everybody
// through; PROXY_KEY and PROXY_CERT, PEM, with which it speaks TLS. Its first message is its port; whatever it is sent,
// it answers with what it was asked for so far.
import process from 'node:process'
import { Server } from 'proxy-chain'

const { PROXY_USER, PROXY_PASSWORD, PROXY_KEY, PROXY_CERT } = process.env

const requests = []
const server = new Server({
  port: 0,
  host: '127.0.0.1',
  ...(PROXY_KEY && { serverType: 'https', httpsOptions: { key: PROXY_KEY, cert: PROXY_CERT } }),
  prepareRequestFunction({ hostname, port, isHttp, username, password }) {
    const accepted = !PROXY_USER || (username === PROXY_USER && password === PROXY_PASSWORD)
    requests.push({ target: `${hostname}:${port}`, tunnel: !isHttp, accepted })
    return { requestAuthentication: !accepted }
  }
})
await server.listen()
process.on('message', () => process.send(requests))
process.on('disconnect', () => process.exit())
process.send(server.port)
