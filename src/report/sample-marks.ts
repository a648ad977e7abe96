import type { PercentileLevel } from '../model/result.ts'
import { isCarried, samplesNeeded } from '../stats/sample-rule.ts'

/** One line of a table of percentiles, and how many samples it rests on. */
export interface SampledRow {
  readonly name: string
  readonly count: number
}

/** The levels that any of the rows does not carry. */
export const uncarriedBy = (rows: readonly SampledRow[], levels: readonly PercentileLevel[]): readonly number[] =>
  levels.filter(level => typeof level === 'number').filter(level => rows.some(({ count }) => !isCarried(level, count)))

/** The head of a column of percentiles: with a mark where any of the rows does not carry its level. */
export const markedHead = (text: string, level: PercentileLevel, rows: readonly SampledRow[]): string =>
  uncarriedBy(rows, [level]).length === 0 ? text : `${text}*`

/** The line below a table of one run that says what its marked levels need; rows with another count are named. */
export const runFootnote = (rows: readonly SampledRow[], levels: readonly PercentileLevel[]): string | undefined => {
  const measured = rows.filter(({ count }) => count > 0)
  const usual = mostFrequent(measured.map(({ count }) => count))
  const others = measured.filter(({ count }) => count !== usual).map(({ name, count }) => `${name} ${count}`)
  const here = others.length > mostNamed ? rangeText(measured) : [usual, ...others].join(', ')
  return footnote(uncarriedBy(rows, levels), here)
}

/** More rows of other counts than most have would make the line longer than the table. */
const mostNamed = 2

/** The line below a table of several runs, with the fewest and the most samples of rows that have too few. */
export const sweepFootnote = (rows: readonly SampledRow[], levels: readonly PercentileLevel[]): string | undefined => {
  const tooFew = rows.filter(row => uncarriedBy([row], levels).length > 0)
  return footnote(uncarriedBy(rows, levels), rangeText(tooFew))
}

const footnote = (levels: readonly number[], here: string): string | undefined => {
  const needs = [...new Set(levels.map(samplesNeeded))].sort((a, b) => b - a)
  if (needs.length === 0) return undefined
  const parts = needs.map(need => {
    const names = levels.filter(level => samplesNeeded(level) === need).map(level => `p${level}`)
    return `${need} for ${names.join(' ')}`
  })
  return `* needs more samples: ${parts.join(', ')}; here ${here}`
}

const rangeText = (rows: readonly SampledRow[]): string => {
  const counts = rows.map(({ count }) => count)
  const [fewest, most] = [Math.min(...counts), Math.max(...counts)]
  return fewest === most ? `${fewest}` : `${fewest} to ${most}`
}

const mostFrequent = (values: readonly number[]): number | undefined => {
  const times = (value: number): number => values.filter(other => other === value).length
  return values.toSorted((a, b) => times(b) - times(a))[0]
}
