// Random choices that a seed repeats.

/**
 * @param {number} seed any 32 bits
 */
export function randomOf(seed) {
  let state = seed >>> 0
  // SplitMix32: each seed has a sequence of its own, also seeds that follow each other.
  const next = () => {
    state = (state + 0x9e3779b9) >>> 0
    let mixed = state ^ (state >>> 16)
    mixed = Math.imul(mixed, 0x21f0aaad)
    mixed ^= mixed >>> 15
    mixed = Math.imul(mixed, 0x735a2d97)
    return (mixed ^ (mixed >>> 15)) >>> 0
  }
  const int = (/** @type {number} */ below) => next() % below
  const random = {
    int,
    chance: (/** @type {number} */ probability) => next() / 2 ** 32 < probability,
    /** @template T @param {readonly T[]} list @returns {T} */
    pick: (list) => list[int(list.length)],
    /** @template T @param {readonly (readonly [number, T])[]} weighted weight and value @returns {T} */
    weighted(weighted) {
      let left = int(weighted.reduce((sum, [weight]) => sum + weight, 0))
      return weighted.find(([weight]) => {
        left -= weight
        return left < 0
      })[1]
    },
    /** @template T @param {readonly T[]} list @returns {T[]} */
    shuffled(list) {
      const copy = [...list]
      for (let at = copy.length - 1; at > 0; at--) {
        const other = int(at + 1)
        ;[copy[at], copy[other]] = [copy[other], copy[at]]
      }
      return copy
    }
  }
  return random
}
