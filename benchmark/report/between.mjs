const BEGIN = '<!-- Written by `npm run bench` from benchmark/results.json: begin -->'
const END = '<!-- Written by `npm run bench` from benchmark/results.json: end -->'

/** A page with this text between its two marks. */
export function between(page, text) {
  const begin = page.indexOf(BEGIN)
  const end = page.indexOf(END)
  if (begin < 0 || end < begin) throw new Error('the page has lost the marks between which the numbers stand')
  return `${page.slice(0, begin + BEGIN.length)}\n\n${text.trim()}\n\n${page.slice(end)}`
}
