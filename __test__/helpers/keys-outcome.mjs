// By itself, so that a process can have it without the test authority.

/** `verified`, or the code of the error. */
export function outcomeOf(promise) {
  return promise.then(
    () => 'verified',
    ({ code }) => code
  )
}
