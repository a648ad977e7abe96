/** Numbers from 0 to 1 that depend on the seed alone (mulberry32). */
export const createRandom = seed => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** One of a list. */
export const pick = (random, list) => list[Math.floor(random() * list.length)]

/** A time in ms whose logarithm is even: a moment is as likely between 1 and 10 ms as between 100 and 1000. */
export const logUniformMs = (random, [fromMs, toMs]) => fromMs * (toMs / fromMs) ** random()
