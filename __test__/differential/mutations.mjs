// Changes to a token that is not finished: what its members say, how they are written, how they are encoded, how they are signed.
import { encodingChanges } from './mutations/encoding.mjs'
import { claimChanges, headerChanges } from './mutations/members.mjs'
import { signatureChanges } from './mutations/signature.mjs'
import { writingChanges } from './mutations/writing.mjs'

/**
 * @typedef {{ name: string, apply: (draft: import('./draft.mjs').Draft, random: any, options: Record<string, any>) => void }} Change
 * @type {[weight: number, change: Change][]}
 */
export const changes = [...headerChanges, ...claimChanges, ...writingChanges, ...encodingChanges, ...signatureChanges]
