// What the applications that count share.
import { setTimeout as sleep } from 'node:timers/promises'

/** Answers later, in a callback, as an application that looks something up. */
export async function responses(error, _req, res) {
  setTimeout(() => {
    res.statusCode = error.status
    res.end('{}')
  }, 20)
}

/** Decides later. */
export async function onOverage({ claims }) {
  await sleep(10)
  return claims.answer === true
}
