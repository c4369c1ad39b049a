// Part of the page of `explain --web`: when the token is valid, by which clock. lib/cli/web/page.js makes one script of the parts.
import { $, drawing, element } from './dom.mjs'

/**
 * An instant as this browser's user writes it, and as tokens do.
 *
 * @param {number} seconds
 */
function instant(seconds) {
  return new Date(seconds * 1000).toISOString().replace(/\.\d+Z$/, 'Z')
}

/** @param {number} seconds */
function span(seconds) {
  const whole = Math.abs(Math.round(seconds))
  if (whole < 120) return `${whole} s`
  if (whole < 7200) return `${Math.round(whole / 60)} min`
  return whole < 172_800 ? `${Math.round(whole / 3600)} h` : `${Math.round(whole / 86_400)} days`
}

/** @param {any} times */
export function showTimes({ now, clockAhead, notBefore, expires }) {
  $('times-card').hidden = expires === undefined
  if (expires === undefined) return
  const authority = clockAhead === undefined ? undefined : now - clockAhead
  const ago = now - expires
  const known = [
    notBefore === undefined
      ? undefined
      : ['Valid from', `${instant(notBefore)}${notBefore > now ? `, in ${span(notBefore - now)}` : ''}`],
    ['Valid until', `${instant(expires)}, ${ago > 0 ? `${span(ago)} ago` : `in ${span(ago)}`}`],
    ["This host's clock", instant(now)],
    authority === undefined
      ? ["The authority's clock", 'not known: no answer with a date yet']
      : [
          "The authority's clock",
          `${instant(authority)}${Math.abs(clockAhead) < 2 ? ', the same' : `: this host is ${span(clockAhead)} ${clockAhead > 0 ? 'ahead' : 'behind'}`}`
        ]
  ].filter((fact) => fact !== undefined)
  $('times').replaceChildren(
    ...known.map(([label = '', text]) =>
      element('li', { children: [element('b', { text: `${label}: ` }), document.createTextNode(text ?? '')] })
    )
  )
  $('timeline').replaceChildren(timeline({ now, authority, from: notBefore ?? expires - 3600, until: expires }))
}

/** @param {{ now: number, authority: number | undefined, from: number, until: number }} instants */
function timeline({ now, authority, from, until }) {
  const all = [now, authority ?? now, from, until]
  const room = Math.max((Math.max(...all) - Math.min(...all)) * 0.12, 60)
  const first = Math.min(...all) - room
  const scale = 920 / (Math.max(...all) + room - first)
  const at = (/** @type {number} */ time) => Math.round((time - first) * scale * 10) / 10 + 15
  const isOver = now > until || now < from
  const picture = drawing('svg', { viewBox: '0 0 950 96', 'aria-hidden': 'true', focusable: 'false' })
  picture.append(
    drawing('line', { class: 'axis', x1: 15, x2: 935, y1: 56, y2: 56 }),
    drawing('rect', {
      class: isOver ? 'over' : 'span',
      x: at(from),
      y: 46,
      width: Math.max(at(until) - at(from), 3),
      height: 20,
      rx: 6
    }),
    label('from', at(from), 86, 'middle'),
    label('until', at(until), 86, 'middle'),
    ...hand('now', 'this host', at(now), 16)
  )
  if (authority !== undefined && Math.abs(authority - now) >= 2)
    picture.append(...hand('authority', 'authority', at(authority), 34))
  return picture
}

/**
 * @param {string} kind
 * @param {string} text
 * @param {number} x
 * @param {number} y of the text
 */
function hand(kind, text, x, y) {
  const isRight = x > 820
  return [
    drawing('line', { class: kind, x1: x, x2: x, y1: y - 10, y2: 72 }),
    label(text, isRight ? x - 8 : x + 8, y, isRight ? 'end' : 'start')
  ]
}

/** @type {(text: string, x: number, y: number, anchor: string) => Element} */
function label(text, x, y, anchor) {
  const made = drawing('text', { x, y, 'text-anchor': anchor })
  made.textContent = text
  return made
}
