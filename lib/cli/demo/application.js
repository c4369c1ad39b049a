'use strict'

const { once } = require('node:events')
const { createServer } = require('node:http')
const { createRequire } = require('node:module')
const { join } = require('node:path')

/** @import { IncomingMessage, ServerResponse } from 'node:http' */
/** @import { RequestHandler, VerifiedToken } from '../../..' */

/**
 * The application that is called: `GET /tasks` behind `checkAuthToken`. On Express, if it is installed in the current
 * folder or beside this package; otherwise on `node:http`.
 *
 * @param {RequestHandler} checkAuthToken
 */
async function startApplication(checkAuthToken) {
  const express = installed('express')
  const server = createServer(express ? onExpress(express, checkAuthToken) : onHttp(checkAuthToken))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
  return {
    name: express ? 'Express application with app.use(checkAuthToken)' : 'Application on node:http with checkAuthToken',
    url: `http://127.0.0.1:${port}/tasks`,
    close() {
      server.close()
      server.closeAllConnections()
    }
  }
}

/**
 * Loads a package if it is installed. Its name is not a literal, so that bundlers ignore it.
 *
 * @param {string} name
 * @returns {any}
 */
function installed(name) {
  for (const from of [join(process.cwd(), 'here.js'), __filename]) {
    try {
      const load = createRequire(from)
      return load(name)
    } catch {
      // Not installed, or not for this version of Node: try the next.
    }
  }
  return undefined
}

/**
 * @param {any} express
 * @param {RequestHandler} checkAuthToken
 */
function onExpress(express, checkAuthToken) {
  const app = express()
  app.use(checkAuthToken)
  app.get('/tasks', (/** @type {{ auth: VerifiedToken }} */ { auth }, /** @type {any} */ res) => res.json(caller(auth)))
  return app
}

/**
 * @param {RequestHandler} checkAuthToken
 * @returns {(req: IncomingMessage & { auth?: VerifiedToken }, res: ServerResponse) => void}
 */
function onHttp(checkAuthToken) {
  return (req, res) => {
    checkAuthToken(req, res, (/** @type {unknown[]} */ ...problems) => {
      if (problems.length) res.statusCode = 500
      res.setHeader('Content-Type', 'application/json')
      res.end(JSON.stringify(problems.length ? {} : caller(/** @type {VerifiedToken} */ (req.auth))))
    })
  }
}

/** @param {VerifiedToken} auth */
function caller({ clientId, roles }) {
  return { client: clientId, roles }
}

module.exports = { startApplication }
