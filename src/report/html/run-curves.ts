import { isCutOff, latencyUs, type RequestTimes } from '../../model/record.ts'
import { itlUs, tpotMs, ttftUs } from '../../stats/metrics.ts'
import { Tally } from '../../stats/tally.ts'
import { type Histogram, histogramOf } from './histogram.ts'

/** The times that have a distribution of their own on the page. */
export type CurveName = 'latency' | 'ttft' | 'itl' | 'tpot'

/** One distribution: its histogram, and a value in ms for each of `curveLevels`. */
export interface Curve {
  readonly count: number
  readonly values: readonly number[]
  readonly histogram: Histogram
}

/** The levels of all percentile curves. */
export const curveLevels: readonly number[] = [...Array.from({ length: 100 }, (_, percent) => percent), 99.5, 99.9, 100]

/** Folds all requests of a run to the distributions that the page draws. */
export class RunCurves {
  readonly #tallies: Readonly<Record<CurveName, Tally>> = {
    latency: new Tally(),
    ttft: new Tally(),
    itl: new Tally(),
    tpot: new Tally(),
  }

  add(record: RequestTimes): void {
    if (record.failure !== undefined || isCutOff(record)) return
    const { latency, ttft, itl, tpot } = this.#tallies
    latency.add(latencyUs(record))
    addDefined(ttft, ttftUs(record))
    for (const gapUs of itlUs(record)) itl.add(gapUs)
    const perToken = tpotMs(record)
    // To the microsecond, which is finer than any picture.
    addDefined(tpot, perToken === undefined ? undefined : Math.max(0, Math.round(perToken * 1000)))
  }

  /** Those that have any value. */
  curves(): Partial<Readonly<Record<CurveName, Curve>>> {
    const entries = Object.entries(this.#tallies).flatMap(([name, tally]) => {
      const histogram = histogramOf(tally)
      if (histogram === undefined) return []
      const values = curveLevels.map(level => (tally.percentile(level) as number) / 1000)
      return [[name, { count: tally.count, values, histogram }] as const]
    })
    return Object.fromEntries(entries)
  }
}

const addDefined = (to: Tally, value: number | undefined): void => {
  if (value !== undefined) to.add(value)
}
