// Requests under load, and what became of them.
import { once } from 'node:events'
import { get } from 'node:http'

/**
 * What became of requests: how many got which status, by the name of their token; the workers that answered; and those that were
 * lost, with the reason.
 *
 * @typedef {{ statuses: Record<string, Record<number, number>>, workers: Set<string>, lost: string[], sent: number }} Outcome
 */

/**
 * Sends requests to one URL after the other, with one token after the other, each over a connection of its own: one that is kept alive
 * may be closed just as it is used, whoever serves it.
 *
 * @param {string[]} urls
 * @param {Record<string, string>} tokens by name
 * @param {{ concurrency?: number, count?: number, during?: Promise<unknown> }} options until `count` were sent or `during` ended
 * @returns {Promise<Outcome>}
 */
export async function load(urls, tokens, { concurrency = 20, count = Infinity, during = new Promise(() => {}) }) {
  const names = Object.keys(tokens)
  const outcome = { statuses: {}, workers: new Set(), lost: [], sent: 0 }
  let isOver = false
  const ended = () => {
    isOver = true
  }
  during.then(ended, ended)
  const client = async () => {
    while (!isOver && outcome.sent < count) {
      const number = outcome.sent++
      const name = names[number % names.length]
      const url = urls[Math.floor(number / names.length) % urls.length]
      await send(url, tokens[name]).then(
        ({ status, worker }) => {
          outcome.statuses[name] ??= {}
          outcome.statuses[name][status] = (outcome.statuses[name][status] ?? 0) + 1
          outcome.workers.add(worker)
        },
        ({ code, message }) => outcome.lost.push(`${name}: ${code ?? message}`)
      )
    }
  }
  await Promise.all(Array.from({ length: concurrency }, client))
  return outcome
}

async function send(url, token) {
  const request = get(url, { agent: false, timeout: 30_000, headers: { authorization: `Bearer ${token}` } })
  request.on('timeout', () => request.destroy(new Error('no answer for 30 s')))
  const [response] = await once(request, 'response')
  // To its end: an answer that was cut off is lost too.
  for await (const _ of response);
  return { status: response.statusCode, worker: response.headers.worker }
}
