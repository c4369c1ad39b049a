// Part of the page of `explain --web`: how to get the right token. lib/cli/web/page.js makes one script of the parts.
import { $, element } from './dom.mjs'

/** @param {any[]} requests */
export function showRequests(requests) {
  $('requests-card').hidden = requests.length === 0
  if (requests.length === 0) return
  const legend = /** @type {HTMLElement} */ ($('ways').querySelector('legend'))
  const chosen = Number(/** @type {HTMLInputElement | null} */ ($('ways').querySelector('input:checked'))?.value ?? 0)
  const ways = requests.map(({ title }, at) => {
    const input = /** @type {HTMLInputElement} */ (element('input'))
    Object.assign(input, { type: 'radio', name: 'way', value: String(at), checked: at === chosen })
    input.addEventListener('change', () => showRequest(requests[at]))
    return element('label', { children: [input, document.createTextNode(title)] })
  })
  $('ways').replaceChildren(legend, ...ways)
  showRequest(requests[chosen] ?? requests[0])
}

/** @param {any} request */
function showRequest({ note: text, text: code }) {
  $('note').textContent = text
  $('request').textContent = code
  $('copied-request').textContent = ''
}
