// Calls the handler of an application as AWS Lambda does, with the event that is the body of a request.
import { createServer } from 'node:http'

const { handler } = await import(process.env.HANDLER)

createServer(async (request, response) => {
  const event = JSON.parse(await new Response(request).text())
  const result = await handler(event, { getRemainingTimeInMillis: () => 1000 })
  response.end(JSON.stringify(result))
}).listen(process.env.PORT)
