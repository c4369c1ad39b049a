// Files that are loaded at the first rejection cannot be loaded when the process has no file descriptor left. No request is
// admitted then, none hangs, and the process goes on.
import { Module } from 'node:module'
import test from 'ava'
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

test('the first rejections are answered, and the process goes on', async (t) => {
  const { authority, middleware } = await start(t)
  const good = authority.issueToken()
  const unknown = authority.issueToken({ header: { kid: 'unknown' } })
  const call = async (check, token) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const res = response()
    let nexts = 0
    await check({ headers }, res, () => nexts++)
    return { nexts, status: res.statusCode }
  }
  for (const boundTokens of ['refuse', 'mtls']) {
    for (const token of [undefined, 'not.a.token', `${good.slice(0, -8)}AAAAAAAA`, unknown]) {
      const check = middleware({ boundTokens })
      await check.verifier.preload()
      await withoutFileDescriptors(async () => {
        t.deepEqual(await call(check, token), { nexts: 0, status: 500 }, `${boundTokens} ${token}`)
        t.deepEqual(await call(check, good), { nexts: 1, status: 200 }, `${boundTokens}, valid`)
      })
    }
  }
  t.deepEqual(await call(middleware(), undefined), { nexts: 0, status: 401 }, 'later, the files are loaded')
})
