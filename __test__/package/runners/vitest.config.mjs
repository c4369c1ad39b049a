export default { test: { include: ['cold.vitest.mjs'] } }
