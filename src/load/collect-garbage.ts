import { getHeapStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** As much as lets the young generation grow to its full size, once it has survived. */
const survivors = 500_000

/** Above this V8 decides by itself how much garbage is worth a collection. */
const smallHeapBytes = 64 * 1024 * 1024

/**
 * Collects all garbage of this thread before answers are stamped, in 40 to 90 ms, so that what was left before the load
 * is not collected during it. Two habits of V8 would bring collections of up to 9 ms into its first seconds:
 *
 * - in a pause it cuts its young generation down to a sixteenth: so that is grown again first;
 * - after a quiet time it collects everything again once the heap has grown by a tenth: a small one may now be four
 *   times as large, as V8 lets it while much is allocated.
 */
export const collectGarbage = (): void => {
  const { used_heap_size: usedBytes } = getHeapStatistics()
  growYoungGeneration()
  setFlagsFromString(`--heap-growing-percent=${usedBytes < smallHeapBytes ? 300 : 0}`)
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
