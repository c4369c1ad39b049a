// A pasted text: the token in it, and what it was taken out of.
import test from 'ava'
import text from '../../lib/cli/text/index.js'
import core from '../../lib/core/text/index.js'

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')

const claims = { aud: 'a', iss: 'https://sts.windows.net/x/', exp: 1, more: 'y'.repeat(300) }
const TOKEN = `${encode({ typ: 'JWT', alg: 'RS256', kid: 'k' })}.${encode(claims)}.${'s'.repeat(342)}`
const OTHER = `${encode({ typ: 'JWT', alg: 'RS256', kid: 'other' })}.${encode(claims)}.${'t'.repeat(342)}`
const lines = (width, end) => TOKEN.replace(new RegExp(`(.{${width}})`, 'g'), `$1${end}`)

test('a token that may stand like this is taken as it is', (t) => {
  for (const pasted of [TOKEN, ` ${TOKEN}\r\n`, `Bearer ${TOKEN}`, `bearer  ${TOKEN}\n`, `\ufeff${TOKEN}`]) {
    t.deepEqual(text.readText(pasted), { token: TOKEN, rest: TOKEN, taken: [], damage: [], finding: undefined })
  }
})

for (const [pasted, taken] of [
  [`authorization: Bearer ${TOKEN}`, 'the Authorization header of a request'],
  [
    `GET / HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${TOKEN}\r\nAccept: */*`,
    'the Authorization header of a request'
  ],
  [`-H 'authorization: Bearer ${TOKEN}' \\`, 'the Authorization header of a cURL command'],
  [
    `curl 'https://x/y?z=1' \\\n  -H 'accept: */*' \\\n  -H 'authorization: Bearer ${TOKEN}' \\\n  --compressed`,
    'the Authorization header of a cURL command'
  ],
  [
    `fetch("https://x", { "headers": { "authorization": "Bearer ${TOKEN}" } })`,
    'the Authorization header of a request'
  ],
  [`Invoke-RestMethod -Headers @{"Authorization"="Bearer ${TOKEN}"}`, 'the Authorization header of a request'],
  [`"name": "authorization", "value": "Bearer ${TOKEN}",`, 'the Authorization header of a request'],
  [JSON.stringify({ name: 'Authorization', value: `Bearer ${TOKEN}` }), 'the Authorization header in JSON'],
  [
    JSON.stringify({
      log: { entries: [{ request: { headers: [{ name: 'authorization', value: `Bearer ${TOKEN}` }] } }] }
    }),
    'the Authorization header in a HAR file'
  ],
  [
    JSON.stringify({ token_type: 'Bearer', expires_in: 3599, id_token: OTHER, access_token: TOKEN }),
    "access_token in the token endpoint's answer"
  ],
  [JSON.stringify({ accessToken: TOKEN, expiresOn: 'x' }), 'accessToken in the output of az account get-access-token'],
  [JSON.stringify([{ a: { credential_type: 'AccessToken', secret: TOKEN } }]), 'secret in JSON'],
  [`{"token_type":"Bearer","access_token":"${TOKEN}`, 'access_token in JSON'],
  [`https://app.example/cb#access_token=${TOKEN}&token_type=Bearer&state=1`, 'access_token in a redirect or a form'],
  [`https://app.example/cb?id_token=${TOKEN}&state=1`, 'id_token in a redirect or a form'],
  [`grant_type=x&client_secret=abc&assertion=${TOKEN}`, 'assertion in a request to the token endpoint'],
  [`Promise { '${TOKEN}' }`, 'the text around it'],
  [JSON.stringify({ data: [{ jwtOfUser: TOKEN }] }), 'the text around it'],
  [`export TOKEN="${TOKEN}"`, 'the text around it'],
  [`the token is ${TOKEN} and fails`, 'the text around it'],
  [`PoP ${TOKEN}`, 'a header of the scheme PoP'],
  // What programs print, with the token broken at the end of a line.
  [`token_type   : Bearer\r\naccess_token : ${lines(90, '\r\n               ')}\r\n\r\n`, 'lines that break it'],
  [`Token     : ${lines(110, '\r\n            ')}\r\nExpiresOn : 1/1/2027\r\nUserId    : x\r\n`, 'lines that break it'],
  [`api-1  | token ${TOKEN} of\n`, 'the text around it'],
  [`{"msg":"{\\"authorization\\":\\"Bearer ${TOKEN}\\"}"} and more`, 'the text around it'],
  [
    `> GET / HTTP/2\n> user-agent: curl/8\n> authorization: Bearer ${TOKEN}\n> \n`,
    'the Authorization header of a cURL command'
  ],
  [`Cookie: a=b; access_token=${TOKEN}; c=d`, 'the text around it'],
  [`kind: Secret\ndata:\n  token: ${Buffer.from(TOKEN).toString('base64')}\n`, 'base64 in the text around it'],
  [
    JSON.stringify({ item: [{ request: { header: [{ key: 'Authorization', value: `Bearer ${TOKEN}` }] } }] }),
    'the Authorization header in JSON'
  ],
  [
    JSON.stringify({
      log: {
        entries: ['Negotiate YII', `Bearer ${TOKEN}`].map((value) => ({
          request: { headers: [{ name: 'Authorization', value }] }
        }))
      }
    }),
    'the Authorization header in a HAR file'
  ],
  [`${TOKEN}\n${OTHER}\n`, 'a text with 2 tokens, of which this is the first']
]) {
  test(`a token is taken out of ${taken}: ${pasted.slice(0, 30)} ${pasted.length}`, (t) => {
    t.deepEqual(text.readText(pasted), { token: TOKEN, rest: TOKEN, taken: [taken], damage: [], finding: undefined })
  })
}

for (const [pasted, damage] of [
  [`Bearer Bearer ${TOKEN}`, 'with Bearer twice in front of it'],
  [`Bearer: ${TOKEN}`, 'with no space behind Bearer'],
  [`Bearer${TOKEN}`, 'with no space behind Bearer'],
  [`JWT ${TOKEN}`, 'with the scheme JWT in front of it, in place of Bearer'],
  [`"${TOKEN}"`, 'in quotes'],
  [`'${TOKEN}',`, 'in quotes'],
  [`Bearer \u201c${TOKEN}\u201d`, 'in quotes'],
  [`<${TOKEN}>`, 'in brackets'],
  [`${TOKEN},`, 'with punctuation around it'],
  [lines(76, '\n'), 'with line breaks in it'],
  [lines(64, '\r\n'), 'with line breaks in it'],
  [lines(70, '=\r\n'), 'with line breaks in it'],
  [`> ${lines(70, '\n> ')}`, 'with line breaks in it'],
  [TOKEN.replaceAll('.', ' . '), 'with white space in it'],
  [`${TOKEN.slice(0, 20)}\u200b${TOKEN.slice(20)}`, 'with invisible characters in it'],
  [`Bearer%20${TOKEN}`, 'URL-encoded (%20, %2E and the like)'],
  [TOKEN.replaceAll('.', '%2E'), 'URL-encoded (%20, %2E and the like)'],
  [Buffer.from(TOKEN).toString('base64'), 'encoded with base64 once more'],
  [
    `Bearer ${TOKEN}, Bearer ${OTHER}`,
    'with another token behind it in the same header: a header that is sent twice is joined with a comma'
  ],
  [`${TOKEN},${TOKEN}`, 'twice in one header: a header that is sent twice is joined with a comma']
]) {
  test(`a token is found, but ${damage}: ${pasted.slice(0, 12)} ${pasted.length}`, (t) => {
    t.deepEqual(text.readText(pasted), { token: TOKEN, rest: TOKEN, taken: [], damage: [damage], finding: undefined })
  })
}

test('layers are taken off one by one', (t) => {
  const { token, taken, damage } = text.readText(`curl -H 'Authorization: Bearer "${TOKEN}"'`.replaceAll('"', ''))
  t.deepEqual([token, taken, damage], [TOKEN, ['the Authorization header of a cURL command'], []])
  const bare = text.readText(`Authorization: ${TOKEN}`)
  t.deepEqual(bare.damage, ['without Bearer in front of it'])
  const both = text.readText(JSON.stringify({ headers: { Authorization: `Bearer Bearer ${TOKEN}` } }))
  t.deepEqual([both.taken, both.damage], [['the Authorization header in JSON'], ['with Bearer twice in front of it']])
})

test('what is encoded around a token does not spoil it', (t) => {
  const { token, taken, damage } = text.readText(
    `Cookie: auth=${encodeURIComponent(`{"access_token":"${TOKEN}"}`)}; b=1`
  )
  t.deepEqual([token, taken[0], damage], [TOKEN, 'a URL-encoded text', []])
})

test('words behind a token are no part of it', (t) => {
  for (const pasted of [`${TOKEN} thanks`, `${TOKEN}\nand so on`, `${TOKEN} is my token`])
    t.is(text.readText(pasted).token, TOKEN)
})

const finding = (pasted) => {
  const { token, finding } = text.readText(pasted)
  return token === undefined ? finding : undefined
}

test('an error in place of a token is known by its code, in words of ours', (t) => {
  const description = 'AADSTS7000215: Invalid client secret provided for bob@contoso.example.'
  for (const pasted of [
    JSON.stringify({ error: 'invalid_client', error_description: description, error_codes: [7000215] }),
    JSON.stringify({ error: 'invalid_client', error_codes: [7000215] }),
    JSON.stringify({ errorCode: 'invalid_client', errorMessage: description }),
    `https://app.example/cb?error=invalid_client&error_description=${encodeURIComponent(description)}&state=1`,
    `ERROR: ${description}`
  ]) {
    const { name, message, hint } = finding(pasted)
    t.is(name, 'token-error')
    t.regex(message, /AADSTS7000215.*the client secret is wrong/)
    t.regex(hint, /not the Secret ID/)
    t.notRegex(message + hint, /bob/)
  }
  t.regex(finding('{"error":"interaction_required"}').message, /interaction_required.*sign in interactively/)
  t.regex(finding('{"error":"invalid_grant","error_description":"AADSTS1234567: x"}').hint, /error\?code=1234567/)
  t.regex(finding('{"error":{"code":"InvalidAuthenticationToken","message":"x"}}').message, /an error of an API/)
})

for (const [pasted, name, message] of [
  ['Authorization: Basic dXNlcjpwYXNz', 'other-scheme', /the scheme Basic/],
  ['https://app.example/cb?code=0.AXabcdefabcdef.x&state=1', 'authorization-code', /authorization code/],
  [JSON.stringify({ refresh_token: 'x' }), 'refresh-token', /refresh token/],
  ['SAMLResponse=PHNhbWxwOlJlc3BvbnNl&RelayState=x', 'saml', /SAML/],
  [JSON.stringify({ iss: 'x', aud: 'y', exp: 1 }), 'decoded-token', /the claims of a token, decoded/],
  [JSON.stringify({ typ: 'JWT', alg: 'RS256', kid: 'k' }), 'decoded-token', /the header of a token, decoded/],
  ['{"keys":[]}', 'no-token', /signing keys/],
  ['{"issuer":"x","jwks_uri":"y"}', 'no-token', /metadata/],
  ['{"a":1}', 'no-token', /JSON without a token/]
]) {
  test(`no token, but ${name}: ${pasted.slice(0, 30)}`, (t) => {
    const found = finding(pasted)
    t.is(found.name, name)
    t.regex(found.message, message)
  })
}

test('a text that nobody knows is described, and not repeated', (t) => {
  t.is(finding('x').message, 'no token: a text of 1 character')
  t.is(finding('\u001b[2J hello').message, 'no token: a text of 10 characters')
  t.is(finding('9c2f61d8-7e04-4ab3-8d5b-1f6a3e90c7b2').name, 'no-token')
  t.regex(finding('https://x.example/y').message, /an address/)
  t.regex(finding('<!doctype html><p>').message, /HTML page/)
})

test('hostile texts cost little and throw nothing', (t) => {
  const begun = Date.now()
  for (const pasted of [
    '['.repeat(100_000),
    `{"a":${'['.repeat(5000)}${']'.repeat(5000)}}`,
    `${'a '.repeat(200_000)}`,
    `${'eyJ'.repeat(100_000)}`,
    `${'eyJhbGciOiJ9.'.repeat(50_000)}`,
    `Authorization: ${'"'.repeat(100_000)}`,
    `${'%20'.repeat(100_000)}`,
    `${'=&'.repeat(100_000)}`,
    `${'bearer '.repeat(50_000)}`,
    `${'> '.repeat(100_000)}`,
    JSON.stringify({ a: Array.from({ length: 200_000 }, () => ({})) })
  ]) {
    t.is(text.readText(pasted).token, undefined, pasted.slice(0, 20))
  }
  t.true(Date.now() - begun < 10_000)
})

test('a text that was made to take long does not', (t) => {
  for (const [read, unit, around = ''] of [
    [core.textFinding, 'sr=a&'],
    [core.textFinding, '?sr='],
    [core.textFinding, 'token', '['],
    [text.readText, 'token', '['],
    [text.readText, ' ', 'authorization: a'],
    [text.readText, '\t', 'eyJ\n'],
    [text.readText, ' ', '"'],
    [text.readText, '\r\n ', '<']
  ]) {
    const before = performance.now()
    read(`${around}${unit.repeat(60_000 / unit.length)}!`)
    t.true(performance.now() - before < 1000, JSON.stringify(unit))
  }
})
