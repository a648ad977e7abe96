import type { FigureReading } from '../../model/named-figure.ts'
import type { RunSummary } from '../../model/result.ts'
import type { Accumulator } from '../accumulator.ts'
import { readFigure } from '../named-figures.ts'
import { goalOf, judgedCriteria, type SlaCriterion, type SlaGroup } from './criteria.ts'

/** Least share of successes of a value that satisfies a group which does not name `success_rate`, in percent. */
export const leastSuccessPercent = 99.9

/** How much better a value must be than the best so far, as a share of that: less is noise. */
export const leastGain = 0.01

/** What was measured at a value: all of its runs as one sample. */
export interface MeasuredValue {
  readonly accumulator: Accumulator
  readonly summary: RunSummary
}

/** A figure of a group as it was found. */
export interface JudgedFigure extends FigureReading {
  readonly criterion: SlaCriterion
  readonly holds: boolean
}

/** What a group makes of a value. */
export interface Judgement {
  readonly isGood: boolean
  /** It only misses what more load may reach: lower bounds on throughput. */
  readonly isTooLittle: boolean
  readonly figures: readonly JudgedFigure[]
  readonly successPercent: number | undefined
  /** Undefined where the group itself says how many may fail. */
  readonly leastSuccessPercent: number | undefined
}

/** Judges a value; of a group with a goal it is good when it is better than `best`, or when there is none. */
export const judge = (group: SlaGroup, value: MeasuredValue, best: MeasuredValue | undefined): Judgement => {
  const criteria = judgedCriteria(group)
  const figures = criteria.map(criterion => judgeFigure(criterion, value))
  const { successPercent } = value.summary
  const isNamed = criteria.some(({ figure }) => figure.name === 'success_rate')
  const succeeds = isNamed || (successPercent !== undefined && successPercent >= leastSuccessPercent)
  const missed = figures.filter(figure => !figure.holds)
  return {
    isGood: succeeds && missed.length === 0 && isBetter(group, value, best),
    isTooLittle: succeeds && missed.length > 0 && missed.every(mayGrow),
    figures,
    successPercent,
    leastSuccessPercent: isNamed ? undefined : leastSuccessPercent,
  }
}

/** Whether success alone kept a value from being good: where all failed there are no other figures. */
export const failsBySuccess = ({ figures, successPercent, leastSuccessPercent: least }: Judgement): boolean =>
  least !== undefined &&
  successPercent !== undefined &&
  successPercent < least &&
  figures.every(({ holds, value }) => holds || value === undefined)

/** Figures that grow with load, as long as the server keeps up. */
const growing: readonly string[] = ['rps', 'tps', 'total_tps', 'goodput']

const mayGrow = ({ criterion, value }: JudgedFigure): boolean =>
  value !== undefined &&
  !('goal' in criterion) &&
  (criterion.operator === '>=' || criterion.operator === '>') &&
  growing.includes(criterion.figure.name)

/** Whether every percentile that was judged by rests on enough samples. */
export const isCarried = ({ figures }: Judgement): boolean => figures.every(figure => figure.isCarried)

const judgeFigure = (criterion: SlaCriterion, measured: MeasuredValue): JudgedFigure => {
  const reading = readFigure(criterion.figure, measured)
  return { ...reading, criterion, holds: holds(criterion, reading.value) }
}

/** A figure that is not there keeps no bound. */
const holds = (criterion: SlaCriterion, value: number | undefined): boolean => {
  if (value === undefined) return false
  if ('goal' in criterion) return true
  const { operator, limit } = criterion
  if (operator === '<=') return value <= limit
  if (operator === '<') return value < limit
  return operator === '>=' ? value >= limit : value > limit
}

const isBetter = (group: SlaGroup, value: MeasuredValue, best: MeasuredValue | undefined): boolean => {
  const criterion = goalOf(group)
  if (criterion === undefined || best === undefined) return true
  const [now, before] = [value, best].map(measured => readFigure(criterion.figure, measured).value)
  if (now === undefined || before === undefined) return now !== undefined
  const gain = criterion.goal === 'max' ? now - before : before - now
  return gain > leastGain * Math.abs(before)
}
