// No file can be loaded when the process has no file descriptor left. Rejections are answered as ever then; where a guard has no
// middleware in front of it, which loads its files at its first request, no request is admitted, none hangs, and the process goes on.
import { Module } from 'node:module'
import test from 'ava'
import { requireRole } from 'entra-jwt-verify'
import { start } from '../helpers/start.mjs'

const { _load: load } = Module

/** Every file of the package that is not loaded yet fails to. */
async function withoutFileDescriptors(run) {
  Module._load = function (request, parent, ...rest) {
    const isLoaded = Module._cache[Module._resolveFilename(request, parent)] !== undefined
    if (/^\.{1,2}\//.test(request) && !isLoaded)
      throw Object.assign(new Error(`EMFILE: ${request}`), { code: 'EMFILE' })
    return load.call(this, request, parent, ...rest)
  }
  try {
    return await run()
  } finally {
    Module._load = load
  }
}

function response() {
  return {
    statusCode: 200,
    headersSent: false,
    writableEnded: false,
    getHeader: () => undefined,
    setHeader() {},
    end(body) {
      Object.assign(this, { body, headersSent: true, writableEnded: true })
    }
  }
}

async function call(handler, token) {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const res = response()
  let nexts = 0
  await handler({ headers }, res, () => nexts++)
  return { nexts, status: res.statusCode }
}

test('the first rejections are answered and logged', async (t) => {
  const { authority, middleware } = await start(t)
  const good = authority.issueToken()
  const unknown = authority.issueToken({ header: { kid: 'unknown' } })
  for (const boundTokens of ['refuse', 'mtls']) {
    for (const [token, status] of [
      [undefined, 401],
      ['not.a.token', 500],
      [`${good.slice(0, -8)}AAAAAAAA`, 500],
      [unknown, 500]
    ]) {
      const logged = []
      const logger = { error: (...line) => logged.push(line), warn: (...line) => logged.push(line) }
      const check = middleware({ boundTokens, logger })
      await check.verifier.preload()
      await withoutFileDescriptors(async () => {
        t.deepEqual(await call(check, token), { nexts: 0, status }, `${boundTokens} ${token}`)
        t.is(logged.length, token === undefined ? 0 : 1, `${boundTokens} ${token}, log`)
        t.deepEqual(await call(check, good), { nexts: 1, status: 200 }, `${boundTokens}, valid`)
      })
    }
  }
})

test('a guard without a middleware in front of it admits nobody', async (t) => {
  const guard = requireRole('Task.Read')
  const { nexts, status } = await withoutFileDescriptors(() => call(guard, undefined))
  t.is(nexts, 0)
  t.true(status >= 401)
})
