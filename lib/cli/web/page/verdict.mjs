// Part of the page of `explain --web`: the verdict and the checks. lib/cli/web/page.js makes one script of the parts.
import { $, body, element, facts } from './dom.mjs'

const WORDS = { valid: ['✓', 'Valid'], refused: ['✗', 'Refused'], unknown: ['!', 'Cannot tell'] }

/** @param {any} answer */
export function showVerdict({ told, reason, notes }) {
  const [mark, word] = WORDS[/** @type {keyof typeof WORDS} */ (told.verdict)]
  $('verdict').dataset.verdict = told.verdict
  const sign = element('span', { text: mark })
  sign.setAttribute('aria-hidden', 'true')
  $('verdict-title').replaceChildren(sign, element('span', { text: word }))
  $('code').textContent = told.code ? `${told.code}: ${told.message}` : ''
  $('reason').replaceChildren(...facts(reason))
  $('notes').replaceChildren(...notes.map(note))
}

/** @param {any} note */
function note({ word, text, hint }) {
  const first = element('p', {
    children: [element('span', { text: `${word}: `, of: 'word' }), document.createTextNode(text)]
  })
  return element('div', { of: 'note', children: [first, hint ? element('p', { text: hint }) : undefined] })
}

/**
 * @param {any[]} checks
 * @param {any[]} reason what is said already
 */
export function showChecks(checks, reason) {
  const said = reason.map(({ text }) => text)
  const of = (/** @type {string} */ status) => checks.filter((check) => check.status === status)
  const failed = of('failed').map(({ name, code, found, expected, hint }) => {
    const rows = [
      { label: 'found', text: found },
      { label: 'wanted', text: expected },
      { label: 'do', text: hint }
    ].filter(({ text }) => !said.includes(text))
    const title = element('h3', { children: [document.createTextNode(`✗ ${name} `), element('code', { text: code })] })
    return element('div', { of: 'check', children: [title, element('dl', { of: 'facts', children: facts(rows) })] })
  })
  $('failed').replaceChildren(...failed)
  const passed = of('passed')
  $('passed-details').hidden = passed.length === 0
  $('passed-summary').textContent = `✓ ${passed.length} ${passed.length === 1 ? 'check' : 'checks'} passed`
  body('passed').replaceChildren(
    ...passed.map(({ name, found = '', expected = '' }) =>
      element('tr', {
        children: [
          element('td', { text: name }),
          element('td', { text: found, of: 'value' }),
          element('td', { text: expected })
        ]
      })
    )
  )
  const left = of('not-reached')
  $('left').textContent =
    left.length && passed.length ? `Not reached: ${left.map(({ name }) => name).join(', ')}. ${left[0].hint ?? ''}` : ''
  const card = /** @type {HTMLElement} */ ($('failed').parentElement)
  // Of a text that is no token, nothing is worth a look.
  card.hidden = passed.length === 0
}
