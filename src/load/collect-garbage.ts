import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** As much as lets the young generation grow to its full size, once it has survived. */
const survivors = 500_000

/**
 * Collects all garbage of this thread before answers are stamped, in 40 to 90 ms. What was left before the load is then
 * not collected during it. A pause between two runs makes V8 cut its young generation down to a sixteenth, and then
 * collect that many times as often, for up to 5 ms each: so it is grown again first.
 */
export const collectGarbage = (): void => {
  growYoungGeneration()
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('globalThis.gc')
  setFlagsFromString('--no-expose-gc')
  if (typeof collect === 'function') collect()
}

/** V8 grows it by what survives, and keeps it through a collection where much was allocated just before. */
const growYoungGeneration = (): number => {
  const kept: { readonly index: number }[] = []
  for (let index = 0; index < survivors; index++) kept.push({ index })
  return kept.length
}
