import { isCutOff, latencyUs, type RequestTimes } from '../../model/record.ts'
import { type Rng, rngFor } from '../../stats/rng.ts'
import { KeepBest } from './keep-best.ts'

/** How many requests of a run the page shows one by one, by why they are there. */
export interface SampleSizes {
  readonly failures: number
  readonly slowest: number
  readonly random: number
}

const fullSizes: SampleSizes = { failures: 300, slowest: 300, random: 1000 }

/** So many runs have full tables; those of a longer sweep share what these take, so that the page stays small. */
const runsInFull = 4

/** The sizes for each of so many runs. */
export const sampleSizes = (runs: number): SampleSizes => {
  const part = Math.min(1, runsInFull / Math.max(1, runs))
  const partOf = (size: number): number => Math.max(10, Math.floor(size * part))
  return { failures: partOf(fullSizes.failures), slowest: partOf(fullSizes.slowest), random: partOf(fullSizes.random) }
}

/**
 * Draws the requests that are shown one by one: failures, those that took longest, and any, by a seeded draw. The same
 * records in the same order always give the same ones.
 */
export class RequestSample {
  readonly #failures: KeepBest<string>
  readonly #slowest: KeepBest<string>
  readonly #random: KeepBest<string>
  readonly #rng: Rng

  constructor(seed: number, { failures, slowest, random }: SampleSizes) {
    this.#failures = new KeepBest(failures)
    this.#slowest = new KeepBest(slowest)
    this.#random = new KeepBest(random)
    this.#rng = rngFor(seed, 'rows of the report')
  }

  add(record: RequestTimes): void {
    const lot = this.#rng.float()
    this.#random.add(lot, record.requestId)
    if (record.failure === undefined) this.#slowest.add(latencyUs(record), record.requestId)
    else if (!isCutOff(record)) this.#failures.add(lot, record.requestId)
  }

  /** Each once. */
  requestIds(): readonly string[] {
    return [...new Set([this.#failures, this.#slowest, this.#random].flatMap(kept => kept.list()))]
  }
}
