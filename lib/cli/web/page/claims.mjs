// Part of the page of `explain --web`: what is in the token. lib/cli/web/page.js makes one script of the parts.
import { $, body, element } from './dom.mjs'

/**
 * @param {string} table
 * @param {any[]} rows
 */
export function showRows(table, rows) {
  $(`${table}-heading`).hidden = rows.length === 0
  $(table).hidden = rows.length === 0
  body(table).replaceChildren(
    ...rows.map(({ name, value, meaning, personal }) => {
      const cell = element('td', { of: 'value' })
      if (personal) cell.append(...hidden(name, value))
      else cell.textContent = value
      return element('tr', { children: [element('td', { text: name }), cell, element('td', { text: meaning })] })
    })
  )
}

/**
 * A value that is shown on request.
 *
 * @param {string} name
 * @param {string} value
 */
function hidden(name, value) {
  const text = element('span', { text: 'hidden', of: 'hidden-value' })
  const button = element('button', { text: 'Show', of: 'small' })
  button.setAttribute('type', 'button')
  button.setAttribute('aria-label', `Show ${name}`)
  button.addEventListener('click', () => {
    const isShown = text.className === ''
    text.className = isShown ? 'hidden-value' : ''
    text.textContent = isShown ? 'hidden' : value
    button.textContent = isShown ? 'Show' : 'Hide'
    button.setAttribute('aria-label', `${isShown ? 'Show' : 'Hide'} ${name}`)
  })
  return [text, document.createTextNode(' '), button]
}
