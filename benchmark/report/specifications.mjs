// What the charts show, in Vega-Lite. Each has a name, which is its file's, a title and a specification.

const OURS = 'entra-jwt-verify'
const HIGHLIGHT = { ours: '#0f6cbd', reference: '#444444', other: '#b3bcc6' }

export function specifications({ sections }) {
  const make = {
    verify: [size],
    peers: [peers],
    http: [http],
    'event-loop': [eventLoop],
    scaling: [workers, memory],
    'cold-start': [start, install]
  }
  return Object.entries(make).flatMap(([section, charts]) =>
    sections[section]?.lines ? charts.map((chart) => chart(sections[section])) : []
  )
}

function peers({ lines }) {
  const values = lines.map(({ id, label, nanoseconds }) => ({
    label,
    microseconds: nanoseconds.median / 1e3,
    from: nanoseconds.p10 / 1e3,
    to: nanoseconds.p90 / 1e3,
    who: who(id)
  }))
  return {
    name: 'peers',
    title: { text: 'Time to verify a token', subtitle: 'RS256, 1.4 kB; median, the line is p10–p90; logarithmic' },
    specification: bars(values, 'microseconds', 'microseconds', { type: 'log', base: 10 }, 'ascending')
  }
}

function http({ lines }) {
  const connections = Math.max(...lines.map((line) => line.connections))
  const values = lines
    .filter((line) => line.connections === connections)
    .map(({ id, label, perSecond }) => ({
      label,
      rate: perSecond.median,
      from: perSecond.p10,
      to: perSecond.p90,
      who: who(id)
    }))
  return {
    name: 'http',
    title: {
      text: 'Express 5: requests per second',
      subtitle: `${connections} connections, keep-alive; median, the line is p10–p90`
    },
    specification: bars(values, 'rate', 'requests per second', { zero: true }, 'descending')
  }
}

function start({ lines }) {
  const values = lines
    .filter(({ firstRequestMilliseconds }) => firstRequestMilliseconds)
    .map(({ id, label, firstRequestMilliseconds: { median, p10, p90 } }) => ({
      label,
      time: median,
      from: p10,
      to: p90,
      who: who(id)
    }))
  return {
    name: 'cold-start',
    title: {
      text: 'From the start of node to the first verified request',
      subtitle: 'keys fetched over HTTPS on loopback; median, the line is p10–p90'
    },
    specification: bars(values, 'time', 'milliseconds', { zero: true }, 'ascending')
  }
}

function install({ lines }) {
  const values = lines
    .filter(({ installed }) => installed)
    .map(({ id, label, installed }) => ({ label, size: installed.bytes / 1e6, who: who(id) }))
  return {
    name: 'install',
    title: { text: 'Installed, with all dependencies', subtitle: 'size of the files' },
    specification: bars(values, 'size', 'MB', { zero: true }, 'ascending')
  }
}

function size({ lines }) {
  const values = lines
    .filter(
      (line) => line.series === 'size' && line.through !== 'verifySync' && line.through !== 'middleware, claims read'
    )
    .map(({ size: characters, through, sight, nanoseconds }) => ({
      characters,
      microseconds: nanoseconds.median / 1e3,
      what: through === 'middleware' ? `checkAuthToken, ${sight} sight` : through
    }))
  return {
    name: 'token-size',
    title: {
      text: 'Time against the size of the token',
      subtitle: 'RS256, through the middleware; median; logarithmic'
    },
    specification: lineChart(values, {
      x: { field: 'characters', type: 'quantitative', title: 'characters of the token' },
      y: {
        aggregate: 'mean',
        field: 'microseconds',
        type: 'quantitative',
        title: 'microseconds',
        scale: { type: 'log' }
      },
      color: { field: 'what', type: 'nominal', title: null }
    })
  }
}

function workers({ lines }) {
  const values = lines.map(({ what, kind, count, perSecond }) => ({
    count,
    kind,
    rate: perSecond.median,
    what: what === 'crypto.verify' ? what : `verifySync, ${what} sight`
  }))
  return {
    name: 'workers',
    title: { text: 'Verifications per second of all workers', subtitle: 'RS256; median; logarithmic' },
    specification: lineChart(values, {
      x: { field: 'count', type: 'ordinal', title: 'workers', axis: { labelAngle: 0 } },
      y: { field: 'rate', type: 'quantitative', title: 'verifications per second', scale: { type: 'log' } },
      color: { field: 'what', type: 'nominal', title: null },
      strokeDash: { field: 'kind', type: 'nominal', title: null }
    })
  }
}

function memory({ memory: points }) {
  const values = points.flatMap(({ family, tokens, rss, heapUsed }) => [
    { tokens, family: `${family} tokens`, megabytes: rss / 1e6, kind: 'resident' },
    { tokens, family: `${family} tokens`, megabytes: heapUsed / 1e6, kind: 'JavaScript heap' }
  ])
  return {
    name: 'memory',
    title: { text: 'Memory of the process against distinct tokens', subtitle: 'after a garbage collection' },
    specification: lineChart(values, {
      x: {
        field: 'tokens',
        type: 'quantitative',
        title: 'distinct tokens so far',
        scale: { type: 'log' },
        axis: { format: '~s' }
      },
      y: { field: 'megabytes', type: 'quantitative', title: 'MB', scale: { zero: true } },
      color: { field: 'family', type: 'nominal', title: null },
      strokeDash: { field: 'kind', type: 'nominal', title: null }
    })
  }
}

function eventLoop({ lines }) {
  const values = lines.map(({ label, phase, delayMilliseconds }) => ({ label, phase, delay: delayMilliseconds.p99 }))
  return {
    name: 'event-loop',
    title: { text: 'How late the event loop is', subtitle: 'p99 under full load, and while signing keys rotate' },
    specification: {
      data: { values },
      mark: 'bar',
      width: 420,
      encoding: {
        y: { field: 'label', type: 'nominal', title: null, sort: null },
        yOffset: { field: 'phase', type: 'nominal', sort: null },
        x: { field: 'delay', type: 'quantitative', title: 'milliseconds' },
        color: {
          field: 'phase',
          type: 'nominal',
          title: null,
          sort: null,
          scale: { range: [HIGHLIGHT.ours, HIGHLIGHT.other] }
        }
      }
    }
  }
}

/** Horizontal bars, ours in colour; with a line from p10 to p90 where `from` and `to` are given. */
function bars(values, field, title, scale, order) {
  const y = { field: 'label', type: 'nominal', title: null, sort: { field, op: 'max', order } }
  const color = {
    field: 'who',
    type: 'nominal',
    legend: null,
    scale: { domain: Object.keys(HIGHLIGHT), range: Object.values(HIGHLIGHT) }
  }
  const bar = {
    mark: { type: 'bar', height: 16 },
    // A logarithmic axis has no zero to start at.
    encoding: {
      y,
      color,
      x: { field, type: 'quantitative', title, scale },
      ...(scale.type === 'log' && { x2: { datum: floor(values, field) } })
    }
  }
  const spread = {
    mark: { type: 'rule', strokeWidth: 1.5 },
    encoding: { y, x: { field: 'from', type: 'quantitative', title }, x2: { field: 'to' } }
  }
  return { data: { values }, width: 420, height: { step: 24 }, layer: 'from' in values[0] ? [bar, spread] : [bar] }
}

function floor(values, field) {
  return 10 ** Math.floor(Math.log10(Math.min(...values.map((value) => value[field]))))
}

function lineChart(values, encoding) {
  return { data: { values }, mark: { type: 'line', strokeWidth: 2 }, width: 480, height: 280, encoding }
}

function who(id) {
  if (id.startsWith(OURS)) return 'ours'
  return id === 'bare' || id === 'crypto.verify' ? 'reference' : 'other'
}
