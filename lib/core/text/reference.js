'use strict'

/**
 * References that a shell, a template or a platform should have replaced by a value, and the name of what should have.
 *
 * @type {[pattern: RegExp, by: string][]}
 */
const REFERENCES = [
  [/^\$\{\{[^}]*\}\}$/, 'GitHub Actions or Azure Pipelines, outside of whose expressions it stands'],
  [/^\{\{[^}]*\}\}$/, 'Postman, Helm or another template, in which no such variable is set'],
  [/^\$\(.*\)$/s, 'a shell, which single quotes keep from it, or Azure Pipelines, which knows no such variable'],
  [/^\$env:\w+$/i, 'PowerShell, which this is not, or which single quotes keep from it'],
  [/^\$(?:\w+|\{[^}]*\})$/, 'a shell, which single quotes keep from it, or a file that no shell reads'],
  [/^%\w+%$|^!\w+!$/, 'cmd.exe, which knows no such variable, or which this is not'],
  [/^#\{[^}]*\}#?$|^__\w+__$|^@@\w+@@$/, 'a step of the deployment, which did not run or knows no such variable'],
  [/^@\{.*\}$/, 'Logic Apps or Data Factory, outside of whose expressions it stands'],
  [/^@Microsoft\.KeyVault\(.*\)$/i, 'App Service, whose identity may not read that Key Vault'],
  [/^secretref:|^op:\/\/|^vault:/, 'the platform, which does that only where its own settings say so'],
  [/^`[^`]+`$/, 'a shell, which single quotes keep from it']
]

/**
 * A text that is a reference instead of a value: `name` is the reference, if the text is nothing else; `by` is what
 * should have replaced it.
 *
 * @param {string} text
 * @returns {{ name: string | undefined, by: string } | undefined}
 */
function referenceIn(text) {
  const found = REFERENCES.find(([pattern]) => pattern.test(text))
  return found && { name: /^[\w${}()%!#@: .-]{1,40}$/.test(text) ? text : undefined, by: found[1] }
}

module.exports = { referenceIn }
