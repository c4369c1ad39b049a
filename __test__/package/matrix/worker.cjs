// A worker thread that runs the application; says where.
const { parentPort } = require('node:worker_threads')
const listen = require('./application.cjs')

listen().then((server) => parentPort.postMessage(`http://127.0.0.1:${server.address().port}/`))
