// The clouds of Microsoft by their hosts. Static keys: nothing here asks a real one.
import test from 'ava'
import { createVerifier } from 'entra-jwt-verify'
import { startTestAuthority } from 'entra-jwt-verify/testing'
import { verdict } from '../helpers/start.mjs'

/** Each cloud: its hosts, the first of them the one that issuers name; what comes before the tenant; its keys' name. */
const clouds = {
  public: {
    hosts: ['login.microsoftonline.com', 'login.windows.net', 'login.microsoft.com', 'sts.windows.net'],
    v1: 'https://sts.windows.net',
    name: 'microsoftonline.com'
  },
  'US Government': {
    hosts: ['login.microsoftonline.us', 'login.usgovcloudapi.net'],
    v1: 'https://sts.windows.net',
    name: 'microsoftonline.us'
  },
  China: {
    hosts: ['login.partner.microsoftonline.cn', 'login.chinacloudapi.cn'],
    v1: 'https://sts.chinacloudapi.cn',
    name: 'partner.microsoftonline.cn'
  }
}

test.before(async (t) => {
  const authority = await startTestAuthority({ quiet: true })
  const [{ jwk }] = authority.keys
  const { tenantId } = authority
  t.context = {
    /** A verifier of a cloud, with keys that say that they are of a cloud, or of none. */
    verifier: (host, keysOf) => {
      const keys = [{ ...jwk, cloud_instance_name: keysOf }]
      return createVerifier({
        tenantId,
        clientId: authority.api.clientId,
        authorityHost: `https://${host}`,
        jwks: { keys }
      })
    },
    v1: ({ v1 }) => authority.issueToken({ version: 1, claims: { iss: `${v1}/${tenantId}/` } }),
    v2: (host) => authority.issueToken({ version: 2, claims: { iss: `https://${host}/${tenantId}/v2.0` } })
  }
  t.context.close = () => authority.close()
})
test.after.always((t) => t.context.close())

for (const [name, cloud] of Object.entries(clouds)) {
  test(`${name}: its tokens pass under each of its hosts`, async (t) => {
    const { verifier, v1, v2 } = t.context
    for (const host of [...cloud.hosts, cloud.hosts[0].toUpperCase(), `${cloud.hosts[0]}:443`, `${cloud.hosts[0]}/`]) {
      for (const keysOf of [cloud.name, undefined]) {
        t.is(await verdict(verifier(host, keysOf), v1(cloud)), 'passes', host)
        t.is(await verdict(verifier(host, keysOf), v2(cloud.hosts[0])), 'passes', host)
      }
      // Entra names one host in its issuers, whichever was asked.
      for (const alias of cloud.hosts.slice(1)) {
        t.is(await verdict(verifier(host), v2(alias)), 'ERR_TOKEN_ISSUER', `${host} ${alias}`)
      }
    }
  })

  test(`${name}: tokens of other clouds are refused`, async (t) => {
    const { verifier, v1, v2 } = t.context
    for (const other of Object.values(clouds)) {
      if (other === cloud) continue
      t.is(await verdict(verifier(cloud.hosts[0]), v2(other.hosts[0])), 'ERR_TOKEN_ISSUER', other.name)
      // The public and the US Government cloud share their v1 issuer; there the key tells them apart.
      const expected = other.v1 === cloud.v1 ? 'passes' : 'ERR_TOKEN_ISSUER'
      t.is(await verdict(verifier(cloud.hosts[0]), v1(other)), expected, other.name)
      t.is(await verdict(verifier(cloud.hosts[0], other.name), v1(cloud)), 'ERR_TOKEN_KEY_UNKNOWN', other.name)
      t.is(await verdict(verifier(cloud.hosts[0], other.name), v2(cloud.hosts[0])), 'ERR_TOKEN_KEY_UNKNOWN', other.name)
    }
  })
}

test('any other host is a cloud of its own', async (t) => {
  const { verifier, v1, v2 } = t.context
  for (const host of ['entra.example', 'login.microsoftonline.com:8443', 'login.microsoftonline.com.evil.example']) {
    t.is(await verdict(verifier(host, 'anything'), v2(host)), 'passes', host)
    t.is(await verdict(verifier(host, 'anything'), v1(clouds.public)), 'passes', host)
    t.is(await verdict(verifier(host), v2('login.microsoftonline.com')), 'ERR_TOKEN_ISSUER', host)
    t.is(await verdict(verifier('login.microsoftonline.com'), v2(host)), 'ERR_TOKEN_ISSUER', host)
  }
})

test('a host is an origin, over https', (t) => {
  for (const host of [
    'login.microsoftonline.com/tenant',
    'login.microsoftonline.com?a',
    'user@login.microsoftonline.com'
  ]) {
    t.throws(() => t.context.verifier(host), { code: 'ERR_CONFIG', message: /authorityHost/ }, host)
  }
})
