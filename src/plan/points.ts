import type { ArgumentValues } from '../arguments/arguments.ts'
import { unpacedRate } from '../arguments/load-flags.ts'
import type { LoadShape } from '../model/run-plan.ts'
import { roundHalfUp } from '../stats/decimal.ts'

/** What one run of a sweep has of its own. */
export interface SweepPoint {
  /** The same for points that are repeated. */
  readonly name: string
  readonly load: LoadShape
  readonly number: number | undefined
}

/**
 * Pairs the lists of the flags: --rate and --number in an open loop, with --parallel in a closed one. A single value
 * goes with every value of the others. `size` are the prompts of a finite built-in set.
 */
export const planPoints = (values: ArgumentValues, size: number | undefined): readonly SweepPoint[] => {
  const { number, parallel, rate, openLoop } = values
  const lengths = [number, rate, openLoop ? undefined : parallel].map(list => list?.length ?? 1)
  return Array.from({ length: Math.max(...lengths) }, (_, run) => {
    const load = loadOf(values, run)
    const count = number ? pick(number, run) : defaultNumber(values, load, size)
    return { name: nameOf(values, load, count), load, number: count }
  })
}

/** How the runs' numbers came about, in a few words; undefined when the user gave them, or a duration in their place. */
export const numberRule = (values: ArgumentValues, size: number | undefined): string | undefined => {
  if (values.number || values.duration !== undefined) return undefined
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
  if (duration !== undefined) return undefined
  if (size !== undefined) return size
  const bySlots = load.kind === 'closed' ? wavesPerRun * load.concurrency : Number.POSITIVE_INFINITY
  // 30 * 8.3 is 249.00000000000003, which is no request more.
  const byRate = load.pacing ? Math.ceil(roundHalfUp(defaultSec * load.pacing.ratePerSec, 6)) : Number.POSITIVE_INFINITY
  return Math.max(leastNumber, Math.min(bySlots, byRate))
}

const loadOf = ({ parallel, rate, openLoop, arrival }: ArgumentValues, run: number): LoadShape => {
  const ratePerSec = rate ? pick(rate, run) : unpacedRate
  const pacing = { ratePerSec, arrival }
  // An open loop without rates is refused with the arguments.
  if (openLoop) return { kind: 'open', pacing }
  const concurrency = pick(parallel, run)
  return ratePerSec === unpacedRate ? { kind: 'closed', concurrency } : { kind: 'closed', concurrency, pacing }
}

/** `parallel_10_number_100`, with the rate where the runs differ in it, and the seconds of a run without a number. */
const nameOf = ({ rate, duration }: ArgumentValues, load: LoadShape, number: number | undefined): string => {
  const slots = load.kind === 'closed' ? `parallel_${load.concurrency}_` : ''
  const isRateShown = load.kind === 'open' || (rate && rate.length > 1)
  const pace = isRateShown ? `rate_${pythonFloat(load.pacing?.ratePerSec ?? unpacedRate)}_` : ''
  return `${slots}${pace}${number === undefined ? `duration_${duration}` : `number_${number}`}`
}

/** `5.0` for 5, as the original's names have it; the same text for every rate from 0.0001 to 10^16. */
const pythonFloat = (value: number): string => {
  const text = String(value)
  return /[.e]/.test(text) ? text : `${text}.0`
}

const pick = (list: readonly number[], run: number): number => list[list.length === 1 ? 0 : run] as number
