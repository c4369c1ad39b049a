// Part of the page of `explain --web`: what the others build with. Every text reaches the document by textContent. lib/cli/web/page.js makes one script of the parts.

/** @param {string} id */
export const $ = (id) => /** @type {HTMLElement} */ (document.getElementById(id))

/**
 * An element with a text and a class.
 *
 * @param {string} name
 * @param {{ text?: string | undefined, of?: string, children?: (Node | undefined)[] }} [content]
 */
export function element(name, { text, of, children = [] } = {}) {
  const made = document.createElement(name)
  if (text !== undefined) made.textContent = text
  if (of) made.className = of
  made.append(...children.filter((child) => child !== undefined))
  return made
}

/** How the text behind a label looks. @type {Record<string, string>} */
const LOOKS = { do: 'do', found: 'value', wanted: 'value' }

/** @param {{ label: string, text: string | undefined }[]} rows those without a text are left out */
export function facts(rows) {
  return rows.flatMap(({ label, text }) =>
    text ? [element('dt', { text: label }), element('dd', { text, of: LOOKS[label] ?? '' })] : []
  )
}

/** @param {string} table */
export function body(table) {
  return /** @type {HTMLElement} */ ($(table).querySelector('tbody'))
}

/**
 * @param {string} name
 * @param {Record<string, string | number>} attributes
 */
export function drawing(name, attributes) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', name)
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, String(value))
  return made
}
