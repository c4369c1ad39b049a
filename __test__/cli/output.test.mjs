// How the command line writes: colour, width, and what never reaches a terminal.
import test from 'ava'
import output from '../../lib/cli/output.js'
import pages from '../../lib/cli/page.js'

test('a terminal gets colour, unless NO_COLOR or TERM say otherwise', (t) => {
  const red = (isTTY, environment) => output.colours({ isTTY }, environment).red('x')
  const coloured = '\x1b[31mx\x1b[39m'
  t.is(red(true, {}), coloured)
  t.is(red(true, { NO_COLOR: '' }), coloured)
  t.is(red(true, { NO_COLOR: '1' }), 'x')
  t.is(red(true, { TERM: 'dumb' }), 'x')
  t.is(red(true, { FORCE_COLOR: '0' }), 'x')
  t.is(red(false, { FORCE_COLOR: '', NO_COLOR: '1' }), coloured)
  t.is(red(undefined, {}), 'x')
})

test('long texts are wrapped to the terminal, behind their indentation', (t) => {
  t.is(
    output.wrap(
      'a'
        .repeat(20)
        .replace(/(.{4})/g, '$1 ')
        .trim(),
      10,
      { columns: 40 }
    ),
    `${'aaaa '.repeat(5).trim()}`
  )
  t.is(
    output.wrap('one two three four five six seven eight', 4, { columns: 34 }),
    'one two three four five six\n    seven eight'
  )
  const address = 'x'.repeat(200)
  t.is(output.wrap(address, 4, {}), address)
  t.is(output.wrap('word '.repeat(60).trim(), 0, { columns: 300 }).split('\n')[0].length, 119)
  t.is(output.wrap('word '.repeat(60).trim(), 0, {}).split('\n')[0].length, 99)
})

test('a value that has to be copied whole is never broken: too long for a line, it stands alone in one', (t) => {
  const url =
    'https://login.microsoftonline.com/3b7e5a90-61cf-4f2d-9a18-d0c4e7b21f55/v2.0/.well-known/openid-configuration'
  const list = `api://9c2f61d8-7e04-4ab3-8d5b-1f6a3e90c7b2,${'https://contoso.example/tasks,'.repeat(3)}x`
  for (const value of [url, list]) {
    t.deepEqual(output.wrap(`set it to ${value} (or to another)`, 2, { columns: 60 }).split('\n  '), [
      'set it to',
      value,
      '(or to another)'
    ])
    t.is(output.wrap(value, 0, { columns: 60 }), value)
  }
})

test('nothing that could control a terminal, or read otherwise than it is, is printed', (t) => {
  const evil = 'a\u001b[2J\u0007\u009b31m\u202e\u2066\u2028\u2029\u200b\ufeff\ud800\rb\nc'
  const page = pages.createPage({}, { LC_ALL: 'C.UTF-8' })
  page.entry('failed', evil, evil)
  page.row('found', evil)
  page.line(evil)
  const text = page.take()
  t.notRegex(text.replaceAll('\n', ''), /[\p{C}\p{Zl}\p{Zp}]/u)
  t.regex(text, /\\u\{1b\}\[2J/)
  t.is(text.split('\n').filter((line) => line.startsWith('c')).length, 0)
})

test('JSON has escape sequences for what a terminal would act on', (t) => {
  const value = { a: '\u001b\u007f\u009b\u202e\u2028\u2066\ufeff\u{e0041}é…', list: ['\n'] }
  const text = output.json(value)
  t.notRegex(text.replaceAll('\n', ''), /[\p{C}\p{Zl}\p{Zp}]/u)
  t.deepEqual(JSON.parse(text), value)
  t.regex(text, /é…/)
})

test('marks are ASCII where the locale has nothing else', (t) => {
  const shown = (environment) => {
    const page = pages.createPage({}, environment)
    page.entry('passed', 'x', 'é …')
    return page.take()
  }
  t.is(shown({ LC_ALL: 'C' }), '+ x  \\u{e9} ...\n')
  t.is(shown({ LANG: 'de_DE.UTF-8' }), '✓ x  é …\n')
  t.is(shown({ LC_ALL: 'POSIX', LANG: 'de_DE.UTF-8' }), '+ x  \\u{e9} ...\n')
  for (const [environment, expected] of [
    [{ WT_SESSION: 'x' }, true],
    [{ TERM_PROGRAM: 'vscode' }, true],
    [{ LANG: 'de_DE.UTF-8' }, false]
  ]) {
    t.is(output.speaksUnicode(environment, 'win32'), expected)
  }
})
