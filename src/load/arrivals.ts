import type { Pacing } from '../model/run-plan.ts'
import { rngFor } from '../stats/rng.ts'

/** When requests are wanted: absolute times, so that a late one does not move those after it. */
export interface Arrivals {
  /** The next wanted time, in ms since the start; never decreases. */
  next(): number
}

/** What arrivals are drawn from: the same values give the same times. */
export interface ArrivalSettings {
  readonly pacing: Pacing
  /** The rate grows evenly from 0 for this long. */
  readonly rampUpMs: number
  readonly seed: number
  /** Tells the draws of a warm-up from those of the run. */
  readonly stream: string
}

/**
 * The arrival process. Poisson: unscaled exponential gaps of mean 1/rate. Constant: one each 1/rate, the first at 0.
 *
 * Both are drawn at rate 1 and mapped through the inverse of the expected count Λ(t), which keeps a Poisson process a
 * Poisson process while the rate ramps up to R over T:
 *   Λ(t) = R t² / 2T for t ≤ T, then R (t − T/2)
 * So a sweep over rates draws the same pattern at each rate, faster or slower.
 */
export const createArrivals = ({ pacing, rampUpMs, seed, stream }: ArrivalSettings): Arrivals => {
  const ratePerMs = pacing.ratePerSec / 1000
  const nextCount = pacing.arrival === 'poisson' ? poissonCounts(seed, stream) : evenCounts()
  const countInRamp = (ratePerMs * rampUpMs) / 2
  return {
    next: () => {
      const count = nextCount()
      if (count < countInRamp) return Math.sqrt((2 * rampUpMs * count) / ratePerMs)
      return rampUpMs / 2 + count / ratePerMs
    },
  }
}

/**
 * The arrivals that conversations bring along, from conversation `first` on and counted from it; infinite beyond the
 * last, and from the start where `arrivalMs` is not known.
 */
export const recordedArrivals = (arrivalMs: (index: number) => number | undefined, first: number): Arrivals => {
  const startMs = arrivalMs(first) ?? 0
  let index = first
  return { next: () => (arrivalMs(index++) ?? Number.POSITIVE_INFINITY) - startMs }
}

/** Counts what a schedule has wanted by a time; asked for times that never decrease. */
export interface DueCounter {
  /** Requests wanted before a time in ms since the start. */
  before(sinceStartMs: number): number
  /** (count − 1) / (last − first) of those counted so far; undefined below two. */
  rate(): number | undefined
}

/** A counter of the first `limit` arrivals. */
export const createDueCounter = (arrivals: Arrivals, limit: number): DueCounter => {
  let due = 0
  let nextMs = arrivals.next()
  const firstMs = nextMs
  let lastMs = nextMs
  return {
    before: sinceStartMs => {
      while (due < limit && nextMs < sinceStartMs) {
        due++
        lastMs = nextMs
        nextMs = arrivals.next()
      }
      return due
    },
    rate: () => (lastMs > firstMs ? ((due - 1) * 1000) / (lastMs - firstMs) : undefined),
  }
}

const poissonCounts = (seed: number, stream: string): (() => number) => {
  const rng = rngFor(seed, stream)
  let count = 0
  return () => {
    // float() is below 1, so the logarithm is finite.
    count -= Math.log(1 - rng.float())
    return count
  }
}

const evenCounts = (): (() => number) => {
  let count = 0
  return () => count++
}
