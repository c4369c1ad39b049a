import { parse, View } from 'vega'
import { compile } from 'vega-lite'
import { specifications } from './specifications.mjs'

// Readable on a white page and on a dark one: the charts bring their own background.
const CONFIG = {
  background: 'white',
  padding: 12,
  font: 'sans-serif',
  title: { anchor: 'start', fontSize: 15, subtitleFontSize: 12, subtitleColor: '#555', offset: 12 },
  axis: { labelFontSize: 12, titleFontSize: 12, titleFontWeight: 'normal', labelLimit: 400, gridColor: '#eee' },
  legend: { labelLimit: 400, labelFontSize: 12, titleFontSize: 12, titleFontWeight: 'normal' },
  view: { stroke: null }
}

/** An SVG for every chart whose section was measured. */
export async function drawCharts(results) {
  const charts = []
  for (const { name, title, specification } of specifications(results)) {
    charts.push({ name, title, svg: await draw({ title, ...specification }) })
  }
  return charts
}

function draw(specification) {
  const { spec } = compile({
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    ...specification,
    config: CONFIG
  })
  return new View(parse(spec), { renderer: 'none' }).toSVG()
}
