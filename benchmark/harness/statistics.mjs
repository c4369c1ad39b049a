/** Median, with the tenth and the ninetieth percentile as its spread. Means would count a garbage collection as speed. */
export function summary(values) {
  const sorted = [...values].sort((a, b) => a - b)
  return { median: quantile(sorted, 0.5), p10: quantile(sorted, 0.1), p90: quantile(sorted, 0.9) }
}

export function median(values) {
  return summary(values).median
}

/** Interpolates between neighbours. */
function quantile(sorted, fraction) {
  const position = (sorted.length - 1) * fraction
  const below = sorted[Math.floor(position)]
  const above = sorted[Math.ceil(position)]
  return below + (above - below) * (position - Math.floor(position))
}
