'use strict'

/**
 * References that a shell, a template or a platform would have replaced by a value, and what to do so that it does.
 *
 * @type {[pattern: RegExp, advice: string][]}
 */
const REFERENCES = [
  [/^\$\{\{[^}]*\}\}$/, 'write it where GitHub Actions or Azure Pipelines replaces expressions'],
  [/^\{\{[^}]*\}\}$/, 'set this variable in Postman, Helm or the template that should replace it'],
  [/^\$\(.*\)$/s, 'let a shell replace it (not in single quotes), or define the variable in Azure Pipelines'],
  [/^\$env:\w+$/i, 'let PowerShell replace it (not in single quotes); other shells write $NAME'],
  [/^\$(?:\w+|\{[^}]*\})$/, 'let a shell replace it: not in single quotes, and not in a file that no shell reads'],
  [/^%\w+%$|^!\w+!$/, 'set this variable in cmd.exe, which replaces it; other shells write $NAME'],
  [
    /^#\{[^}]*\}#?$|^__\w+__$|^@@\w+@@$/,
    'check that the step of the deployment which replaces it runs, and knows the variable'
  ],
  [/^@\{.*\}$/, 'write it where Logic Apps or Data Factory replaces expressions'],
  [
    /^@Microsoft\.KeyVault\(.*\)$/i,
    'let the identity of the App Service read that Key Vault (role Key Vault Secrets User), and check the reference'
  ],
  [
    /^secretref:|^op:\/\/|^vault:|^arn:aws:|^projects\/[^/]+\/secrets\//,
    'have the platform replace it, or start the process with the tool that does (such as op run)'
  ],
  [/^`[^`]+`$/, 'let a shell replace it: not in single quotes']
]

/**
 * A text that is a reference to a value, in place of the value: `name` is the text where it names something and nothing else,
 * `advice` is what to do.
 *
 * @param {string} text
 * @returns {{ name: string | undefined, advice: string } | undefined}
 */
function referenceIn(text) {
  const found = REFERENCES.find(([pattern]) => pattern.test(text))
  return found && { name: /^[\w${}()%!#@: .-]{1,40}$/.test(text) ? text : undefined, advice: found[1] }
}

module.exports = { referenceIn }
