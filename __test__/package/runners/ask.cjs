// HTTPS where there is no fetch.
const { once } = require('node:events')
const https = require('node:https')
const { text } = require('node:stream/consumers')

exports.ask = async (url, { ca, form }) => {
  const headers = form === undefined ? {} : { 'Content-Type': 'application/x-www-form-urlencoded' }
  const request = https.request(url, { ca, agent: false, method: form === undefined ? 'GET' : 'POST', headers })
  request.end(form)
  const [response] = await once(request, 'response')
  return { headers: response.headers, body: await text(response) }
}
