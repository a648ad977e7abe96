import type { RunResult } from '../../model/result.ts'
import type { SlaVariable } from '../../model/sla.ts'
import type { Verdict } from '../../model/verdict.ts'
import type { Accumulator } from '../accumulator.ts'
import type { SlaGroup } from './criteria.ts'
import type { Judgement } from './judge.ts'
import type { SearchRange, SearchStep } from './search.ts'

/** A value that was measured, by all of its runs. */
export interface MeasuredPoint {
  readonly value: number
  readonly result: RunResult
  readonly accumulator: Accumulator
}

/** A value that a search asked for, and what it was told. */
export interface DecidedStep extends SearchStep {
  readonly judgement: Judgement
  /** It was not good, and was measured once more before that was believed. */
  readonly wasRepeated: boolean
  /** Of all runs at the value, the worst. */
  readonly verdict: Verdict
}

/** What a search came to for one group. */
export interface GroupAnswer {
  readonly group: SlaGroup
  readonly steps: readonly DecidedStep[]
  /** The last good value, or the best; undefined where none is good. */
  readonly value: number | undefined
  /** Whether the search came to its end. */
  readonly isWhole: boolean
}

/** At which value of a search the server was gone. */
export interface GoneServer {
  readonly at: number
  /** The value that was measured before; undefined where that was the first. */
  readonly last: number | undefined
}

/** What a search came to. */
export interface SlaOutcome {
  readonly variable: SlaVariable
  readonly range: SearchRange
  readonly answers: readonly GroupAnswer[]
  /** Every value that was measured, each once, from low to high. */
  readonly points: readonly MeasuredPoint[]
  /** Where the server was gone, and with it the search. */
  readonly gone?: GoneServer | undefined
  /** Every group has a value that satisfies it. */
  readonly hasPassed: boolean
}

/**
 * The points by which a search went: where it was cut short, the last may hold what had ended by then, which is nothing
 * to compare.
 */
export const decidedPoints = ({ answers, points }: SlaOutcome): readonly MeasuredPoint[] => {
  if (answers.every(({ isWhole }) => isWhole)) return points
  return points.filter(point => answers.some(({ steps }) => steps.some(({ value }) => value === point.value)))
}

/** Whether the search ended because nothing above the answer may be tried. */
export const isAtUpperBound = ({ value, steps, isWhole }: GroupAnswer): boolean =>
  isWhole && value !== undefined && steps.length > 0 && steps.every(step => step.value <= value)

/** Where no value is good, those next to where one could have been: the highest too little and the lowest too much. */
export const missedBounds = (
  steps: readonly DecidedStep[],
): { readonly tooLittle: number | undefined; readonly tooMuch: number | undefined } => {
  const valuesOf = (isTooLittle: boolean): readonly number[] =>
    steps.filter(({ judgement }) => judgement.isTooLittle === isTooLittle).map(({ value }) => value)
  const [little, much] = [valuesOf(true), valuesOf(false)]
  return {
    tooLittle: little.length === 0 ? undefined : Math.max(...little),
    tooMuch: much.length === 0 ? undefined : Math.min(...much),
  }
}

/** The results at the values that were found. */
export const answeredResults = ({ answers, points }: SlaOutcome): readonly RunResult[] =>
  points.filter(({ value }) => answers.some(answer => answer.value === value)).map(({ result }) => result)
