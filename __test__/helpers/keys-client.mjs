// Verifies one token in a process of its own, for what a process has once: its environment, its arguments.
// Argument: JSON of { options, token }. Prints JSON: { outcome, reason, message, hint }.
import { createVerifier } from 'entra-jwt-verify'

const { options, token } = JSON.parse(process.argv[2])

const answer = await createVerifier(options)
  .verify(token)
  .then(
    () => ({ outcome: 'verified' }),
    ({ code, reason, message, hint }) => ({ outcome: code, reason, message, hint })
  )
console.log(JSON.stringify(answer))
