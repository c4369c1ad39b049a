// Applications of Nest's on loopback.
import 'reflect-metadata'
import { Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { endingSessions } from './app.mjs'
import { decorated } from './decorated.mjs'

export { decorated }

/** A class that is nothing but a module. */
export function moduleOf(metadata) {
  return decorated(class AppModule {}, { on: [Module(metadata)] })
}

export const platforms = { Express: ExpressAdapter, Fastify: FastifyAdapter }

/** Starts an application that listens until the test ends; resolves to a function that sends a request to it. */
export async function served(t, module, { Adapter = ExpressAdapter, prepare, ...options } = {}) {
  const { app, url, close: end } = await listening(module, Adapter, prepare, options)
  t.teardown(end)
  const send = async (path, authorization, init = {}) => {
    const headers = authorization === undefined ? {} : { Authorization: authorization }
    const response = await fetch(url + path, { ...init, headers: { ...headers, ...init.headers } })
    return { status: response.status, headers: response.headers, body: await response.text() }
  }
  return Object.assign(send, { app })
}

/** An application that listens until `close`. */
export async function listening(module, Adapter, prepare = () => {}, options = {}) {
  const app = await NestFactory.create(module, new Adapter(), { logger: false, abortOnError: false, ...options })
  const server = app.getHttpServer()
  const end = server.closeAllConnections ? () => server.closeAllConnections() : endingSessions(server)
  await prepare(app)
  await app.listen(0, '127.0.0.1')
  const close = () => {
    const closed = app.close()
    end()
    return closed
  }
  return { app, url: `http://127.0.0.1:${server.address().port}`, close }
}
