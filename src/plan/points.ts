import type { ArgumentValues } from '../arguments/arguments.ts'
import { unpacedRate } from '../arguments/load-flags.ts'
import { ArgumentsError } from '../errors.ts'
import type { LoadShape } from '../model/run-plan.ts'
import { roundHalfUp } from '../stats/decimal.ts'
import { firstSlaPoint } from './sla/sla-points.ts'
import { warmupNumber } from './warmup.ts'

/** What one run of a sweep has of its own. */
export interface SweepPoint {
  /** The same for points that are repeated. */
  readonly name: string
  readonly load: LoadShape
  /** Requests to measure. */
  readonly number: number | undefined
  /** Requests before those; of a trace its first records, which count among `--number`. */
  readonly warmupNumber: number
}

/**
 * Pairs the lists of the flags: --rate and --number in an open loop, with --parallel in a closed one. A single value
 * goes with every value of the others. `size` are the prompts of a finite built-in set, or the records of a trace: that
 * is what an open loop without rates replays. Throws `ArgumentsError` where a warm-up leaves nothing of a trace.
 */
export const planPoints = (values: ArgumentValues, size: number | undefined): readonly SweepPoint[] => {
  const { number, parallel, rate, openLoop } = values
  if (values.slaAutoTune) return [firstSlaPoint(values)]
  const lengths = [number, rate, openLoop ? undefined : parallel].map(list => list?.length ?? 1)
  return Array.from({ length: Math.max(...lengths) }, (_, run) => {
    const load = loadOf(values, run)
    const count = number ? pick(number, run) : defaultNumber(values, load, size)
    if (load.kind === 'trace') return tracePoint(values, load, count, size)
    const warmup = warmupNumber(values.warmupNum, count)
    return { name: nameOf(values, load, count), load, number: count, warmupNumber: warmup }
  })
}

const tracePoint = (
  values: ArgumentValues,
  load: LoadShape,
  asked: number | undefined,
  size: number | undefined,
): SweepPoint => {
  const records = asked === undefined ? size : Math.min(asked, size ?? asked)
  const warmup = warmupNumber(values.warmupNum, records)
  const name = nameOf(values, load, records)
  if (records === undefined) return { name, load, number: undefined, warmupNumber: warmup }
  if (warmup >= records) {
    const all = records === 1 ? 'the only record' : `all ${records} records`
    throw new ArgumentsError(
      `--warmup-num ${values.warmupNum} takes ${all} of the trace, which leaves none to measure; give fewer`,
    )
  }
  return { name, load, number: records - warmup, warmupNumber: warmup }
}

/** How the runs' numbers came about, in a few words; undefined when the user gave them, or a duration in their place. */
export const numberRule = (values: ArgumentValues, size: number | undefined): string | undefined => {
  if (values.number || values.duration !== undefined || values.slaAutoTune) return undefined
  if (values.openLoop && !values.rate) return 'all records of the trace, less those of the warm-up'
  if (size !== undefined) return 'all prompts of the dataset'
  const atRate = `${defaultSec} s at --rate`
  if (values.openLoop) return `${atRate}, at least ${leastNumber}`
  const isPaced = values.rate?.some(rate => rate !== unpacedRate)
  const atSlots = `${wavesPerRun} x --parallel`
  return `${isPaced ? `${atSlots} or ${atRate}, whichever is less` : atSlots}, at least ${leastNumber}`
}

const wavesPerRun = 10
const defaultSec = 30
const leastNumber = 20

const defaultNumber = ({ duration }: ArgumentValues, load: LoadShape, size: number | undefined): number | undefined => {
  // Of a trace the end is known, even where a duration may come before it.
  if (load.kind === 'trace') return size
  if (duration !== undefined) return undefined
  if (size !== undefined) return size
  const bySlots = load.kind === 'closed' ? wavesPerRun * load.concurrency : Number.POSITIVE_INFINITY
  // 30 * 8.3 is 249.00000000000003, which is no request more.
  const byRate = load.pacing ? Math.ceil(roundHalfUp(defaultSec * load.pacing.ratePerSec, 6)) : Number.POSITIVE_INFINITY
  return Math.max(leastNumber, Math.min(bySlots, byRate))
}

const loadOf = ({ parallel, rate, openLoop, arrival }: ArgumentValues, run: number): LoadShape => {
  // Where the dataset has no times of its own, an open loop without rates is refused before.
  if (openLoop && !rate) return { kind: 'trace' }
  const ratePerSec = rate ? pick(rate, run) : unpacedRate
  const pacing = { ratePerSec, arrival }
  if (openLoop) return { kind: 'open', pacing }
  const concurrency = pick(parallel, run)
  return ratePerSec === unpacedRate ? { kind: 'closed', concurrency } : { kind: 'closed', concurrency, pacing }
}

/** `parallel_10_number_100`, with the rate where the runs differ in it, and the seconds of a run without a number. */
const nameOf = ({ rate, duration }: ArgumentValues, load: LoadShape, number: number | undefined): string => {
  const slots = load.kind === 'closed' ? `parallel_${load.concurrency}_` : ''
  const isRateShown = load.kind !== 'closed' || (rate && rate.length > 1)
  const pace = isRateShown ? `rate_${pythonFloat(load.pacing?.ratePerSec ?? unpacedRate)}_` : ''
  return `${slots}${pace}${number === undefined ? `duration_${duration}` : `number_${number}`}`
}

/** `5.0` for 5, as the original's names have it; the same text for every rate from 0.0001 to 10^16. */
const pythonFloat = (value: number): string => {
  const text = String(value)
  return /[.e]/.test(text) ? text : `${text}.0`
}

const pick = (list: readonly number[], run: number): number => list[list.length === 1 ? 0 : run] as number
