// What explain says a pasted text is, where it is no token or no whole one; with and without a configuration.
import test from 'ava'
import explanation from '../../lib/cli/explain/explanation.js'

const TENANT = '7c0d5b1e-3f5a-4b0e-9a53-1f2f6f0c9a11'
const CLIENT = '4f0c2d36-9c1b-4e5e-8f7a-6a1d2b3c4d5e'
const configured = { tenantId: TENANT, clientId: CLIENT, jwksUri: false }

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
const OBJECT = '8d1e6c2f-405b-4c1f-8b64-203070100b22'
const now = Math.floor(Date.now() / 1000)
const claims = {
  ...{ aud: CLIENT, iss: `https://sts.windows.net/${TENANT}/`, iat: now, nbf: now, exp: now + 3600 },
  ...{
    appid: OBJECT,
    appidacr: '1',
    oid: OBJECT,
    sub: OBJECT,
    rh: '1.AX',
    tid: TENANT,
    uti: 'x',
    ver: '1.0',
    more: 'y'.repeat(300)
  }
}
const KEY = 'aaaaaaaaaaaaaaaaaaaaaaaaaaA'
const TOKEN = `${encode({ typ: 'JWT', alg: 'RS256', x5t: KEY, kid: KEY })}.${encode(claims)}.${'s'.repeat(342)}`
const [HEADER, CLAIMS] = TOKEN.split('.')
const sealed = (start) => `1.AX${'a'.repeat(50)}.${start}${'b'.repeat(200)}`

for (const [pasted, name, message] of [
  // The value was never there.
  ['Bearer undefined', 'no-value', /the client sent the text undefined/],
  ['null', 'no-value', /the text null/],
  ['Bearer', 'no-value', /nothing follows/],
  ['[object Object]', 'no-value', /an object as text/],
  ['[object Promise]', 'no-value', /a promise as text/],
  ['Bearer <coroutine object get_token at 0x7f>', 'no-value', /a promise as text/],
  ['System.Threading.Tasks.Task`1[System.String]', 'no-value', /a promise as text/],
  ['() => token', 'no-value', /a function as text/],
  ['Bearer System.Security.SecureString', 'no-value', /a SecureString of PowerShell as text/],
  ['Bearer $TOKEN', 'variable-not-replaced', /, \$TOKEN$/],
  ['%TOKEN%', 'variable-not-replaced', /%TOKEN%/],
  ['{{token}}', 'variable-not-replaced', /\{\{token\}\}/],
  ['%7B%7Btoken%7D%7D', 'variable-not-replaced', /\{\{token\}\}/],
  ['$'.concat('{{ secrets.TOKEN }}'), 'variable-not-replaced', /secrets\.TOKEN/],
  ['$(az account get-access-token -o tsv)', 'variable-not-replaced', /az account/],
  ['$env:TOKEN', 'variable-not-replaced', /\$env:TOKEN/],
  ["@{variables('token')}", 'variable-not-replaced', /not replaced by its value/],
  ['@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/s)', 'variable-not-replaced', /not replaced/],
  ['<access token>', 'placeholder', /a placeholder/],
  ['your-access-token', 'placeholder', /a placeholder/],
  ['***', 'placeholder', /a placeholder/],
  // Credentials of another kind.
  [sealed('AgABAAEAAAD--DLA3VO7QrddgJg7Wevr'), 'refresh-token', /refresh token/],
  [sealed('AgABAwEAAABVrSpeuWamRam2jAF1XRQE'), 'refresh-token', /refresh token/],
  [sealed('AgABBAIAAABVrSpeuWamRam2jAF1XRQE'), 'authorization-code', /authorization code/],
  [sealed('BQABBAIAAAADAOz_BQD0_'), 'authorization-code', /authorization code/],
  [`PAQABAAEAAAD--DLA3VO7QrddgJg7Wevr${'x'.repeat(200)}`, 'opaque-token', /Easy Auth/],
  [`EwB4A8l6BAAU${'a+/'.repeat(200)}`, 'personal-account-token', /personal Microsoft account/],
  [`M.C507_BAY.-${'a'.repeat(200)}`, 'personal-account-code', /personal Microsoft account/],
  [Buffer.from('<samlp:Response ID="x">').toString('base64'), 'saml', /SAML/],
  ['<samlp:Response xmlns:samlp="x">', 'saml', /SAML/],
  ['-----BEGIN PRIVATE KEY-----\nMII', 'private-key', /a private key in PEM/],
  ['-----BEGIN CERTIFICATE-----\nMII', 'pem', /PEM \(CERTIFICATE\)/],
  ['Q7x8Q~inVenTed.n0t-Real_s3cretZZZZZZZZZ0aB', 'client-secret', /\(Q7x…, 42 characters\)/],
  [`gho_${'a'.repeat(36)}`, 'other-token', /GitHub/],
  ['sv=2022-11-02&se=2026-11-28&sp=r&sig=inVenTedSignature0123456789%3D', 'other-token', /a shared access signature/],
  ['AccountName=x;AccountKey=inVenTedAccountKey0123456789==', 'other-token', /a connection string/],
  // What was asked for a token, and failed.
  ['CredentialUnavailableError: EnvironmentCredential is unavailable.', 'token-error', /CredentialUnavailableError/],
  ['{"error":"invalid_request","error_description":"Identity not found"}', 'token-error', /no managed identity/],
  ['{"error":"invalid_token","error_description":"jwt audience invalid"}', 'api-error', /an error of an API/],
  ['{"user_code":"ABCD","device_code":"x","verification_uri":"y"}', 'no-token', /a device code sign-in/],
  // Not a whole token.
  [TOKEN.slice(0, -40), 'cut-off-token', /signature/],
  [`Bearer ${HEADER}.${CLAIMS}`, 'cut-off-token', /its signature is missing/],
  [TOKEN.slice(0, 200), 'cut-off-token', /it ends in its claims/],
  [HEADER, 'cut-off-token', /only its header is there/],
  [TOKEN.slice(0, 30), 'cut-off-token', /it ends in its header/],
  [TOKEN.slice(30), 'cut-off-token', /its beginning is missing/],
  [`${TOKEN.slice(0, 120)}... (900 characters)`, 'cut-off-token', /dots/],
  [`${HEADER}.${CLAIMS.slice(0, 255 - HEADER.length - 1)}`, 'cut-off-token', /exactly 255 characters/],
  [TOKEN.toLowerCase(), 'changed-token', /one case/],
  // Nothing of that.
  ['hello world', 'no-token', /a text of 11 characters/],
  [TENANT, 'no-token', /a GUID/]
]) {
  test(`${name} in place of a token: ${message}, ${pasted.slice(0, 12)}, ${pasted.slice(54, 66)}`, async (t) => {
    for (const options of [configured, {}]) {
      const { verdict, findings, input } = await explanation.explainText(pasted, options)
      const [first, ...others] = findings.filter(({ checks }) => checks.length > 0)
      t.is(first?.name, name)
      t.regex(first.message, message)
      t.true(first.hint.length > 10)
      t.false(
        others.some((other) => other.name === name),
        'it is said once'
      )
      t.not(verdict, 'valid')
      t.deepEqual(input.damage.length > 0, pasted.startsWith('%7B'))
    }
  })
}
