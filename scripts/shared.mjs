// Recordings and test vectors that are not part of this repository.
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { root } from './process.mjs'

const named = process.env.ENTRA_JWT_SHARED

/** The folder that ENTRA_JWT_SHARED names, else the one beside the repository. */
const folder = resolve(root, named || '../shared')

/** Whether ENTRA_JWT_SHARED names the folder: then its tests run, and a missing file is a failure. */
export const isNamed = Boolean(named)

/** Why tests that need the folder do not run, or `undefined` where they do. The Rust tests look for the same two folders. */
export const sharedIsMissing =
  isNamed || ['vectors', 'data'].every((name) => existsSync(join(folder, name)))
    ? undefined
    : `there is no ${folder} with vectors/ and data/; ENTRA_JWT_SHARED can name another folder`

/**
 * The path of a file in the folder.
 *
 * @param {string[]} parts
 */
export function sharedFile(...parts) {
  return join(folder, ...parts)
}
