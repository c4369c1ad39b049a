import { fresh } from './tokens.mjs'

/** As little of Express's request as the middlewares read. */
export class FakeRequest {
  method = 'GET'
  url = '/tasks'
  originalUrl = '/tasks'
  protocol = 'http'
  query = {}
  body = undefined

  constructor(token) {
    this.headers = { host: 'localhost', authorization: fresh(`Bearer ${token}`) }
  }

  get(name) {
    return this.headers[name.toLowerCase()]
  }

  is() {
    return false
  }
}

/** A response that must not be ended: a middleware that does has rejected the token. */
export function fakeResponse(fail) {
  const refuse = () => fail(new Error('the middleware answered instead of calling next()'))
  return {
    statusCode: 200,
    headersSent: false,
    writableEnded: false,
    setHeader() {
      return this
    },
    getHeader() {
      return undefined
    },
    status() {
      return this
    },
    end: refuse,
    send: refuse,
    json: refuse,
    sendStatus: refuse
  }
}
