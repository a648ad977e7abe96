/** A seeded source of pseudo-random numbers: good for drawing workloads, not for secrets. */
export interface Rng {
  /** The next number in [0, 1), with 53 random bits. */
  float(): number
  /** The next whole number from `min` to `max`, both included. */
  integer(min: number, max: number): number
}

/**
 * The generator of one stream: the same seed and stream always draw the same numbers, other streams draw independent
 * ones. Item i of a workload takes `rngFor(seed, 'name', i)`, so that it does not depend on the items before it.
 */
export const rngFor = (seed: number, ...stream: readonly (number | string)[]): Rng => {
  // JSON keeps ('a', 1), ('a1') and ('a', '1') apart.
  const next = smallFastCounter(hash128(JSON.stringify([seed, ...stream])))
  const float = (): number => ((next() >>> 5) * 2 ** 26 + (next() >>> 6)) / 2 ** 53
  return { float, integer: (min, max) => min + Math.floor(float() * (max - min + 1)) }
}

type State = readonly [number, number, number, number]

/** Four 32-bit words of the text, each from a start value of its own; the last steps are murmur3's finaliser. */
const hash128 = (text: string): State => {
  const lane = (start: number): number => {
    let hash = start
    for (let index = 0; index < text.length; index++) {
      hash = Math.imul(hash ^ text.charCodeAt(index), 0x9e3779b1)
      hash ^= hash >>> 15
    }
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
    return hash ^ (hash >>> 16)
  }
  return [lane(0x243f6a88), lane(0x85a308d3), lane(0x13198a2e), lane(0x03707344)]
}

/** The generator "sfc32": 128 bits of state, passes PractRand, a few ns a number. */
const smallFastCounter = (state: State): (() => number) => {
  let [a, b, c, counter] = state
  const next = (): number => {
    const sum = (a + b + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return sum
  }
  // Its author's advice: the first numbers still show the seed.
  for (let round = 0; round < 12; round++) next()
  return next
}
