// A process as a service would be started: a server behind one contender, which is loaded from a folder of its own.
// Prints its port; answers /memory with its resident memory, and everything else when the token may pass.
import { createServer } from 'node:http'
import { loadPackages } from '../harness/packages.mjs'
import { asMiddleware } from '../harness/ways.mjs'

const [, , id, folder] = process.argv
const isBare = id === 'bare'
// Without a contender, the file of one is loaded too: the difference is what the packages do.
const { default: contender } = await import(`../contenders/${isBare ? 'entra-jwt-verify' : id}.mjs`)
const middleware = isBare ? (_req, _res, next) => next() : await setUp()

const server = createServer((req, res) => {
  if (req.url === '/memory') return res.end(String(process.memoryUsage.rss()))
  asExpress(req)
  middleware(req, res, (error) => {
    res.statusCode = error ? 401 : 200
    res.end()
  })
})
server.listen(0, '127.0.0.1', () => console.log(server.address().port))

async function setUp() {
  return asMiddleware(
    await contender.setup(loadPackages(contender.packages, folder), JSON.parse(process.env.BENCHMARK_WORLD))
  )
}

/** The parts of Express that middlewares use. Express itself would add the same time to all. */
function asExpress(req) {
  req.query = {}
  req.protocol = 'http'
  req.originalUrl = req.url
  req.get = (name) => req.headers[name.toLowerCase()]
  req.is = () => false
}
