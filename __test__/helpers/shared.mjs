// Tests that need recordings or test vectors which are not part of this repository.
import test from 'ava'
import { sharedIsMissing } from '../../scripts/shared.mjs'

/** Registers a test that reads files of the shared folder (`sharedFile`); where there is none, as skipped. */
export function testWithShared(title, implementation) {
  if (!sharedIsMissing) return test(title, implementation)
  const { skip } = test
  skip(`${title} (needs the shared vectors)`, implementation)
}
