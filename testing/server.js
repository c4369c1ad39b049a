'use strict'

const { once } = require('node:events')
const http = require('node:http')
const https = require('node:https')

/** A server on 127.0.0.1 that can be stopped at once and started again on its port. It also owns all timers, for they end with it. */
class LoopbackServer {
  #create
  /** @type {import('node:http').Server | undefined} */
  #server
  /** 0 until the first start: any free port. */
  #port = 0
  /** @type {Set<import('node:net').Socket>} */
  #sockets = new Set()
  /** @type {Set<NodeJS.Timeout>} */
  #timers = new Set()

  /**
   * @param {import('node:http').RequestListener} onRequest
   * @param {{ key: string, cert: string }} [credentials] for HTTPS
   */
  constructor(onRequest, credentials) {
    // Without the CA: Node would send it along, and it is the client that has to know it.
    const { key, cert } = credentials ?? {}
    this.#create = () =>
      key === undefined ? http.createServer(onRequest) : https.createServer({ key, cert }, onRequest)
  }

  get listening() {
    return this.#server !== undefined
  }

  get port() {
    return this.#port
  }

  async listen(port = this.#port) {
    const server = this.#create()
    // Raw connections, so that one which hangs in its TLS handshake is closed too.
    server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
    this.#server = server
    const { port: taken } = /** @type {import('node:net').AddressInfo} */ (server.address())
    this.#port = taken
  }

  /** Ends every connection, whatever state it is in; what was still to be sent is dropped. */
  async stop() {
    const server = this.#server
    if (server === undefined) return
    this.#server = undefined
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  /**
   * Does something after that many milliseconds, unless the server has stopped by then.
   *
   * @param {number} milliseconds
   * @param {() => void} action
   */
  later(milliseconds, action) {
    if (!this.listening) return
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      action()
    }, milliseconds)
    this.#timers.add(timer)
  }
}

exports.LoopbackServer = LoopbackServer
