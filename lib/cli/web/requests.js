'use strict'

const { isGuid } = require('../../core/guid')

/**
 * A way to get a token for the API.
 *
 * @typedef {{ title: string, note: string, text: string }} Request
 */

/**
 * Requests that get the right token, with the ids filled in.
 *
 * @param {{ authority: string, appIdUri: string | undefined }} identity of the API
 * @param {Record<string, unknown> | undefined} claims of the token that was pasted, which may name the client
 * @returns {Request[]} none where the tokens are not Entra's
 */
function requestsFor({ authority, appIdUri }, claims) {
  if (appIdUri === undefined) return []
  const base = authority.replace(/\/v2\.0\/?$/, '').replace(/\/$/, '')
  const tenant = base.split('/').at(-1) ?? ''
  const client = clientOf(claims)
  const scope = `${appIdUri.replace(/\/$/, '')}/.default`
  const resource = appIdUri.replace(/\/$/, '')
  return [
    {
      title: 'curl',
      note: 'An application for itself (client credentials). The secret comes from the environment, not from the command line.',
      text: [
        `curl -sS '${base}/oauth2/v2.0/token' \\`,
        '  -d grant_type=client_credentials \\',
        `  -d ${client === undefined ? '"client_id=$CLIENT_ID"' : `client_id=${client}`} \\`,
        '  --data-urlencode "client_secret=$CLIENT_SECRET" \\',
        `  --data-urlencode 'scope=${scope}'`
      ].join('\n')
    },
    {
      title: 'MSAL, for itself',
      note: 'An application for itself, in Node.js (@azure/msal-node).',
      text: [
        "const { ConfidentialClientApplication } = require('@azure/msal-node')",
        '',
        'const client = new ConfidentialClientApplication({',
        '  auth: {',
        `    clientId: ${inJavaScript(client)},`,
        `    authority: '${base}',`,
        '    clientSecret: process.env.CLIENT_SECRET',
        '  }',
        '})',
        `const { accessToken } = await client.acquireTokenByClientCredential({ scopes: ['${scope}'] })`
      ].join('\n')
    },
    {
      title: 'MSAL, for a user',
      note: 'A page on behalf of the user who signed in (@azure/msal-browser). Put the scope that the API exposes.',
      text: [
        "import { PublicClientApplication } from '@azure/msal-browser'",
        '',
        'const client = new PublicClientApplication({',
        `  auth: { clientId: ${client === undefined ? "'<client id>'" : `'${client}'`}, authority: '${base}' }`,
        '})',
        'await client.initialize()',
        `const request = { scopes: ['${resource}/<scope>'] }`,
        'const { accessToken } = await client.acquireTokenPopup(request)'
      ].join('\n')
    },
    {
      title: 'az',
      note: 'You, with the Azure CLI. The API has to list it among its authorized client applications.',
      text: [
        `az login --tenant ${tenant} --scope '${scope}'`,
        `az account get-access-token --scope '${scope}' --query accessToken --output tsv`
      ].join('\n')
    },
    {
      title: 'Managed identity',
      note: 'A service that runs in Azure, without any secret (@azure/identity). Give the identity an app role of the API.',
      text: [
        "const { ManagedIdentityCredential } = require('@azure/identity')",
        '',
        'const credential = new ManagedIdentityCredential()',
        `const { token } = await credential.getToken('${scope}')`
      ].join('\n')
    }
  ]
}

/** @param {string | undefined} client */
function inJavaScript(client) {
  return client === undefined ? 'process.env.CLIENT_ID' : `'${client}'`
}

/**
 * The client of the token, if it names one: the one that asks is mostly the one that asked.
 *
 * @param {Record<string, unknown> | undefined} claims
 */
function clientOf(claims) {
  const client = claims?.azp ?? claims?.appid
  return isGuid(client) ? client : undefined
}

module.exports = { requestsFor }
