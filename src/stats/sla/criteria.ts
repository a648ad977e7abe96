import type { NamedFigure } from '../../model/named-figure.ts'

/** How a figure has to stand to its limit. */
export type SlaOperator = '<=' | '<' | '>=' | '>'

/** What is asked of a figure: to keep a bound. */
export interface SlaBound {
  readonly figure: NamedFigure
  readonly operator: SlaOperator
  readonly limit: number
}

/** What is asked of a figure: to be as high or as low as it can. */
export interface SlaGoal {
  readonly figure: NamedFigure
  readonly goal: 'max' | 'min'
}

/** What is asked of one figure. */
export type SlaCriterion = SlaBound | SlaGoal

/** Criteria that one value has to satisfy together; each group is a search of its own. */
export type SlaGroup = readonly SlaCriterion[]

/** Where a group looks for the best value, and not for the last that keeps its bounds: what that is the best of. */
export const goalOf = (group: SlaGroup): SlaGoal | undefined => {
  const [first] = group
  return group.length === 1 && first !== undefined && 'goal' in first ? first : undefined
}

/** Goals beside bounds: they hold at any value, as in the original. */
export const idleGoals = (group: SlaGroup): readonly SlaGoal[] =>
  goalOf(group) === undefined ? group.filter(criterion => 'goal' in criterion) : []

/** What a value is judged by. */
export const judgedCriteria = (group: SlaGroup): SlaGroup =>
  goalOf(group) === undefined ? group.filter(criterion => !('goal' in criterion)) : group

/** `p99_ttft <= 500.0`, several joined by commas; `tps -> max`. */
export const groupText = (group: SlaGroup): string => group.map(criterionText).join(', ')

const criterionText = (criterion: SlaCriterion): string =>
  'goal' in criterion
    ? `${criterion.figure.name} -> ${criterion.goal}`
    : `${criterion.figure.name} ${criterion.operator} ${limitText(criterion.limit)}`

/** As Python shows a float, for those who know the original's table. */
const limitText = (value: number): string => (Number.isInteger(value) ? `${value}.0` : `${value}`)
