import type { ArgumentValues } from '../../arguments/arguments.ts'
import { slaRange } from '../../plan/sla/sla-points.ts'
import { findingText, shortStandText, standText, valueText } from '../../report/sla/step-words.ts'
import { goalOf, type SlaGroup } from '../../stats/sla/criteria.ts'
import { type Judgement, judge, type MeasuredValue } from '../../stats/sla/judge.ts'
import type { DecidedStep, GroupAnswer, MeasuredPoint, SlaOutcome } from '../../stats/sla/outcome.ts'
import { type SearchStep, searchBoundary, searchOptimum, type ValueFinding } from '../../stats/sla/search.ts'
import type { SlaPoints } from './sla-points.ts'

/** What a search is made of. */
export interface SlaSearchParts {
  readonly values: ArgumentValues
  readonly groups: readonly SlaGroup[]
  readonly points: SlaPoints
  readonly say: (line: string) => void
}

/** Searches for each group in its turn; what one measured the next need not. */
export const searchSla = async (parts: SlaSearchParts): Promise<SlaOutcome> => {
  const { values, groups, points } = parts
  const answers: GroupAnswer[] = []
  for (const [index, group] of groups.entries()) {
    answers.push(await searchGroup(group, groups.length > 1 ? ` ${index + 1} of ${groups.length}` : '', parts))
  }
  const { measured, gone } = points
  return {
    variable: values.slaVariable,
    range: slaRange(values),
    answers: answers.map(answer => ({ ...answer, steps: answer.steps.map(step => withLastVerdict(step, measured)) })),
    points: measured,
    gone,
    hasPassed: answers.every(({ value }) => value !== undefined),
  }
}

/** A value may have been measured again since, for another group: its verdict is that of all its runs. */
const withLastVerdict = (step: DecidedStep, measured: readonly MeasuredPoint[]): DecidedStep => ({
  ...step,
  verdict: measured.find(({ value }) => value === step.value)?.result.verdict ?? step.verdict,
})

/** `which` of several groups it is, ` 1 of 2`. */
const searchGroup = async (group: SlaGroup, which: string, parts: SlaSearchParts): Promise<GroupAnswer> => {
  const range = slaRange(parts.values)
  const search = goalOf(group) === undefined ? searchBoundary(range) : searchOptimum(range)
  const steps: DecidedStep[] = []
  let asked = search.next()
  while (asked.done !== true) {
    const decided = await decide(asked.value, { group, which }, parts)
    if (decided === undefined) return { group, steps, value: asked.value.good, isWhole: false }
    steps.push(decided)
    asked = search.next(findingOf(decided.judgement))
  }
  return { group, steps, value: asked.value, isWhole: true }
}

const findingOf = ({ isGood, isTooLittle }: Judgement): ValueFinding =>
  isGood ? 'good' : isTooLittle ? 'too little' : 'too much'

interface Place {
  readonly group: SlaGroup
  /** Which of several groups. */
  readonly which: string
}

/** Measures a value and judges it; a bad one is measured once more first. Undefined where the search was cut short. */
const decide = async (step: SearchStep, place: Place, parts: SlaSearchParts): Promise<DecidedStep | undefined> => {
  const { values, points, say } = parts
  const { group, which } = place
  const value = valueText(values.slaVariable, step.value)
  const where = `${value} (${shortStandText(step)})`
  if (!points.has(step.value)) say(`SLA search${which}: ${value}, ${standText(group, step)}`)
  const judgeNow = (point: MeasuredPoint): Judgement => judge(group, asMeasured(point), bestOf(step, points))
  let point = await points.at(step.value, where)
  if (point === undefined) return undefined
  let judgement = judgeNow(point)
  const isToRepeat = !judgement.isGood && !points.isRepeated(step.value)
  if (isToRepeat) {
    const { verdict } = point.result
    say(
      `SLA search${which}: ${value} ${findingText(group, { judgement, verdict, wasRepeated: false })}; measured once more`,
    )
    point = await points.repeat(step.value, where)
    if (point === undefined) return undefined
    judgement = judgeNow(point)
  }
  const finding = { judgement, verdict: point.result.verdict, wasRepeated: points.isRepeated(step.value) }
  say(`SLA search${which}: ${value} ${findingText(group, finding)}`)
  return { ...step, ...finding }
}

const asMeasured = ({ accumulator, result }: MeasuredPoint): MeasuredValue => ({ accumulator, summary: result.summary })

const bestOf = ({ good }: SearchStep, { measured }: SlaPoints): MeasuredValue | undefined => {
  const best = measured.find(({ value }) => value === good)
  return best && asMeasured(best)
}
