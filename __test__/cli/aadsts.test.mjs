// Errors of Entra by their number: each once, and each that the test authority answers is explained.
import test from 'ava'
import aadsts from '../../lib/doctor/aadsts.js'
import table from '../../lib/doctor/aadsts-errors.js'
import answers from '../../testing/aadsts.js'

const { aadstsCode, explainAadsts } = aadsts

test('each number stands in the table once', (t) => {
  const numbers = table.ERRORS.flatMap(([all]) => all)
  t.is(new Set(numbers).size, numbers.length)
  t.true(numbers.length > 100)
})

test('what to do is said for each error that the test authority answers', (t) => {
  for (const code of Object.keys(answers.AADSTS)) {
    const { is, advice } = explainAadsts(code)
    t.notRegex(is, /not in the table/, code)
    t.notRegex(advice, /look it up/, code)
  }
})

test('an error that is not in the table is looked up at Entra', (t) => {
  t.deepEqual(explainAadsts('1234567'), {
    is: 'an error that is not in the table of this program',
    advice: 'look it up at https://login.microsoftonline.com/error?code=1234567'
  })
})

test('no advice weakens an API', (t) => {
  for (const [[code], , advice] of table.ERRORS) {
    t.notRegex(advice, /\b(?:disable|turn off|exclude|exempt|remove the (?:policy|assignment))\b/i, String(code))
  }
})

test('the first error of a text counts', (t) => {
  t.is(aadstsCode('x AADSTS50011: The redirect URI … AADSTS65001'), '50011')
  t.is(aadstsCode('AADB2C90080: The provided grant has expired.'), undefined)
  t.is(aadstsCode('nothing'), undefined)
})
