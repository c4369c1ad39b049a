// Part of the page of `explain --web`: what happens when. lib/cli/web/page.js makes one script of the parts.
import { ask } from './ask.mjs'
import { showRows } from './claims.mjs'
import { runDoctor } from './doctor.mjs'
import { $ } from './dom.mjs'
import { showRequests } from './requests.mjs'
import { showTimes } from './times.mjs'
import { showChecks, showVerdict } from './verdict.mjs'

/** Milliseconds after the last change of the text until it is explained by itself. */
const PAUSE = 250

const field = /** @type {HTMLTextAreaElement} */ ($('text'))
const copyButton = /** @type {HTMLButtonElement} */ ($('copy'))

/** @type {any} what the server said last */
let shown
let asked = 0

async function explain() {
  const text = field.value
  const turn = ++asked
  if (text.trim() === '') return show(undefined)
  try {
    const answer = await (await ask('explain', text)).json()
    // Only the newest question counts.
    if (turn === asked) show(answer)
  } catch {
    if (turn === asked) showEnded()
  }
}

function showEnded() {
  show(undefined)
  $('verdict').hidden = false
  $('verdict').dataset.verdict = 'unknown'
  $('verdict-title').textContent = 'The program has ended'
  $('code').textContent = 'It ends after 15 minutes without use. Start it again: npx entra-jwt-verify explain --web'
  $('reason').replaceChildren()
  $('notes').replaceChildren()
}

/** @param {any} answer */
function show(answer) {
  shown = answer
  $('verdict').hidden = answer === undefined
  $('details').hidden = answer === undefined
  copyButton.disabled = answer === undefined
  if (answer === undefined) return
  showVerdict(answer)
  showChecks(answer.told.checks, answer.reason)
  showTimes(answer.times)
  showRows('header', answer.header)
  showRows('claims', answer.claims)
  $('claims-card').hidden = answer.header.length === 0
  showRequests(answer.requests)
}

/** The report, without the token and without personal values. */
function report() {
  const { told, reason, notes, times } = shown
  const lines = [`entra-jwt-verify explain: ${told.verdict}${told.code ? ` ${told.code}: ${told.message}` : ''}`]
  for (const { label, text } of reason) lines.push(`${label.padEnd(8)}${text}`)
  for (const { name, status, code } of told.checks) lines.push(`- ${name}: ${status}${code ? ` (${code})` : ''}`)
  for (const { word, text, hint } of notes) lines.push(`${word}: ${text}${hint ? ` – ${hint}` : ''}`)
  if (times.clockAhead !== undefined) lines.push(`clock: ${times.clockAhead.toFixed(1)} s ahead of the authority's`)
  return `${lines.join('\n')}\n`
}

/**
 * @param {string} text
 * @param {string} state id of the element that says how it went
 */
async function copy(text, state) {
  try {
    await navigator.clipboard.writeText(text)
    $(state).textContent = 'Copied.'
  } catch {
    $(state).textContent = 'The browser did not allow it.'
  }
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer
field.addEventListener('input', () => {
  clearTimeout(timer)
  timer = setTimeout(explain, PAUSE)
})
field.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) explain()
})
$('explain').addEventListener('click', explain)
$('clear').addEventListener('click', () => {
  field.value = ''
  explain()
  field.focus()
})
copyButton.addEventListener('click', () => copy(report(), 'copied'))
$('copy-request').addEventListener('click', () => copy($('request').textContent ?? '', 'copied-request'))
$('doctor').addEventListener('click', runDoctor)
field.focus()
