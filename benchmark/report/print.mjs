// What the terminal shows: one line for each thing measured.

export function title(text) {
  console.log(`\n${text}`)
}

/** Rows of cells, in columns. */
export function table(rows) {
  const widths = []
  for (const row of rows)
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length)
  for (const row of rows)
    console.log(
      `  ${row
        .map((cell, index) => cell.padEnd(widths[index]))
        .join('  ')
        .trimEnd()}`
    )
}

/** Nanoseconds as microseconds, with the spread. */
export function micro({ median, p10, p90 }) {
  return `${significant(median / 1e3)} µs (${significant(p10 / 1e3)}–${significant(p90 / 1e3)})`
}

export function milli(milliseconds) {
  return `${significant(milliseconds)} ms`
}

/** How many times the reference, with the spread. */
export function ratio(times) {
  return `${factor(times)} × crypto.verify`
}

export function factor({ median, p10, p90 }) {
  return `${significant(median)} (${significant(p10)}–${significant(p90)})`
}

export function perSecond({ median, p10, p90 }) {
  return `${grouped(median)}/s (${grouped(p10)}–${grouped(p90)})`
}

export function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`
}

export function grouped(number) {
  return Math.round(number).toLocaleString('en')
}

/** Three digits that mean something; never an exponent. */
export function significant(number) {
  if (number >= 100) return Math.round(number).toLocaleString('en')
  return Number(number.toPrecision(3)).toString()
}
