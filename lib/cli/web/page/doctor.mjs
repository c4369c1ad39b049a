// Part of the page of `explain --web`: the steps of doctor, and its root cause. lib/cli/web/page.js makes one script of the parts.
import { ask } from './ask.mjs'
import { $, element, facts } from './dom.mjs'

const MARKS = { passed: '✓', failed: '✗', warning: '!', skipped: '·' }
const STATES = { passed: 'passed', failed: 'failed', warning: 'warning', skipped: 'left out' }

/** Runs doctor, and shows each step as it ends. */
export async function runDoctor() {
  const button = /** @type {HTMLButtonElement} */ ($('doctor'))
  button.disabled = true
  $('doctor-state').textContent = 'Running…'
  $('steps').replaceChildren()
  $('cause').hidden = true
  try {
    const response = await ask('doctor', '')
    for await (const line of linesOf(response)) {
      const { step, report } = JSON.parse(line)
      if (step) $('steps').append(stepItem(step))
      if (report) showCause(report)
    }
    $('doctor-state').textContent = 'Done.'
  } catch {
    $('doctor-state').textContent = 'The program has ended; start it again.'
  }
  button.disabled = false
}

/** @param {Response} response */
async function* linesOf(response) {
  const reader = /** @type {ReadableStream<Uint8Array>} */ (response.body).getReader()
  const decoder = new TextDecoder()
  let rest = ''
  for (;;) {
    const { done, value } = await reader.read()
    const lines = (rest + decoder.decode(value, { stream: !done })).split('\n')
    rest = done ? '' : (lines.pop() ?? '')
    yield* lines.filter((line) => line !== '')
    if (done) return
  }
}

/** @param {any} step */
function stepItem({ name, status, message, hint }) {
  const kind = /** @type {keyof typeof MARKS} */ (status)
  const mark = element('span', { text: MARKS[kind], of: 'mark' })
  mark.setAttribute('aria-hidden', 'true')
  const text = status === 'warning' && hint ? `${message}. ${hint}` : message
  const item = element('li', {
    children: [
      mark,
      element('span', {
        of: 'name',
        children: [document.createTextNode(name), element('span', { text: ` ${STATES[kind]}`, of: 'visually-hidden' })]
      }),
      element('span', { text, of: 'message' })
    ]
  })
  item.dataset.status = status
  return item
}

/** @param {any} report */
function showCause({ healthy, cause }) {
  $('cause').hidden = false
  $('cause').className = healthy ? 'cause well' : 'cause'
  if (healthy) {
    $('cause').textContent = '✓ All checks passed.'
    return
  }
  const rows = [
    { label: 'it is', text: cause.message },
    { label: 'do', text: cause.hint },
    { label: 'follow', text: cause.follows.join(', ') }
  ]
  $('cause').replaceChildren(
    element('h3', { text: `✗ The root cause: ${cause.name}` }),
    element('dl', { of: 'facts', children: facts(rows) })
  )
}
