// The other side of child.mjs. One request at a time.
import { setImmediate } from 'node:timers/promises'

let methods

async function answer({ module, input, method, args }) {
  if (!module) return methods[method](...args)
  const loaded = await import(new URL(`../${module}`, import.meta.url))
  methods = loaded.methods
  return loaded.default(input)
}

process.on('message', async (request) => {
  try {
    process.send({ value: await answer(request) })
  } catch (error) {
    process.send({ error: error?.stack ?? String(error) })
  }
})

// Nothing outlives the run, however that ends.
process.on('disconnect', async () => {
  await setImmediate()
  process.exit()
})
