// Part of the page of `explain --web`: questions to the server. lib/cli/web/page.js makes one script of the parts.

/**
 * Asks the server. What comes back is JSON, or lines of JSON.
 *
 * @param {string} path
 * @param {string} text
 */
export async function ask(path, text) {
  const response = await fetch(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ text })
  })
  if (!response.ok) throw new Error(await response.text())
  return response
}
