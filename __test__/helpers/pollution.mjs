// Prototype pollution: members that a defect elsewhere put on a prototype that every object has behind it.

/**
 * Runs `action`, which has to be synchronous: the whole process sees the members meanwhile.
 *
 * @param members name -> value
 */
export function polluted(members, action, { prototype = Object.prototype, enumerable = true } = {}) {
  const before = Object.keys(members).map((name) => [name, Object.getOwnPropertyDescriptor(prototype, name)])
  for (const [name, value] of Object.entries(members)) {
    Object.defineProperty(prototype, name, { __proto__: null, value, enumerable, configurable: true, writable: true })
  }
  try {
    return action()
  } finally {
    for (const [name, descriptor] of before) {
      if (descriptor) Object.defineProperty(prototype, name, descriptor)
      else delete prototype[name]
    }
  }
}

/** Calls a middleware without a framework, so that it ends before this returns: who passed, and what was answered. */
export function callNow(middleware, { authorization, ...more } = {}) {
  const req = { __proto__: null, headers: { __proto__: null, authorization }, ...more }
  const answer = { __proto__: null, passed: [], headers: { __proto__: null }, req }
  const res = {
    __proto__: null,
    headersSent: false,
    writableEnded: false,
    setHeader: (name, value) => {
      answer.headers[name] = value
    },
    getHeader: () => undefined,
    end: (body) => Object.assign(answer, { __proto__: null, status: res.statusCode, body })
  }
  middleware(req, res, (...given) => answer.passed.push(given))
  return answer
}
