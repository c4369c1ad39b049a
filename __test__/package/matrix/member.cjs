// A process of a cluster, or of PM2, that runs the application. On SIGINT, by which PM2 ends it, it leaves the cluster as
// `worker.disconnect()` of the primary makes it leave: it takes no more connections, hands back those that are on their way to it,
// answers what it has begun, and ends by itself. `server.close()` and `process.exit()`, which are often seen instead, lose the
// connections that the primary has handed over and that have not arrived.
const cluster = require('node:cluster')
const listen = require('./application.cjs')

process.on('SIGINT', () => cluster.worker.disconnect())
listen()
