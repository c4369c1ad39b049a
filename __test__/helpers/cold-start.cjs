// What one process lets in while its keys have yet to be fetched; run where `Promise` is not the addon's own.
// Takes { options, tokens } as JSON from the environment variable COLD_START; each token meets keys of its own.
const { once } = require('node:events')
const { createServer, get } = require('node:http')

/** Name of each token -> what a server behind the middleware answers, and what the verifier says. */
module.exports = async function coldStart(entra, { options, tokens } = JSON.parse(process.env.COLD_START)) {
  const outcomes = {}
  let timeout = 5
  for (const [name, token] of Object.entries(tokens)) {
    // Keys are shared by those who fetch them in the same way.
    const cold = () => ({ ...options, keys: { timeout: timeout++ } })
    outcomes[name] = {
      middleware: await answer(entra.createCheckAuthToken({ ...cold(), logger: false }), token),
      verifier: await entra
        .createVerifier(cold())
        .verify(token)
        .then(
          (auth) => `verified ${auth.clientId}`,
          (error) => error.code
        )
    }
  }
  return outcomes
}

async function answer(middleware, token) {
  const server = createServer((req, res) => {
    middleware(req, res, () => res.end(`handler ${req.auth?.clientId}`))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  const headers = token === '' ? {} : { authorization: `Bearer ${token}` }
  const [response] = await once(get({ host: '127.0.0.1', port, headers }), 'response')
  let body = ''
  for await (const chunk of response.setEncoding('utf8')) body += chunk
  server.close()
  server.closeAllConnections()
  return `${response.statusCode} ${body}`
}
