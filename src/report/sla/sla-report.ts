import { groupText, judgedCriteria, type SlaGroup } from '../../stats/sla/criteria.ts'
import type { Judgement } from '../../stats/sla/judge.ts'
import type { DecidedStep, GoneServer, GroupAnswer, SlaOutcome } from '../../stats/sla/outcome.ts'
import { wrapWords } from '../wrap-words.ts'
import { conclusionText } from './conclusion.ts'
import { slaTable } from './sla-table.ts'
import { findingText, nextText, valueText } from './step-words.ts'

export { noteText } from './sla-table.ts'

/**
 * What a search came to: the table, the path of each group in words, and one sentence. `columns` is the width of the
 * terminal; undefined in a pipe or file.
 */
export const slaReport = (outcome: SlaOutcome, columns?: number): string => {
  const width = Math.min(mostColumns, columns ?? mostColumns)
  return [
    `SLA Auto-tune Summary:\n${slaTable(outcome, columns)}`,
    ...outcome.answers.map(answer => pathText(answer, outcome, width)),
    ...footnotes(outcome).map(text => wrapWords(text, width)),
    wrapWords(conclusionText(outcome), width),
  ].join('\n\n')
}

const pathText = (
  { group, steps, isWhole }: GroupAnswer,
  { variable, range, gone }: SlaOutcome,
  width: number,
): string => {
  const { lower, upper } = range
  const criteria = judgedCriteria(group)
  const head = `The path of ${groupText(criteria)}${unitsText(criteria)}, --${variable} from ${lower} to ${upper}:`
  const lines = steps.map((step, index) => {
    const next = steps[index + 1]
    const then = next === undefined ? lastText(step, isWhole, gone) : nextText(next, range)
    return wrapWords(`  • ${valueText(variable, step.value)} ${findingText(group, step)}; ${then}`, width)
  })
  return [wrapWords(head, width, '  '), ...(lines.length === 0 ? ['  • nothing was measured'] : lines)].join('\n')
}

const unitsText = (group: SlaGroup): string => {
  const units = new Set(group.map(({ figure }) => figure.unit))
  return ` (in ${[...units].join(' and ')})`
}

const lastText = (step: DecidedStep, isWhole: boolean, gone: GoneServer | undefined): string => {
  if (!isWhole) return gone === undefined ? 'here the search was cut short' : `at ${gone.at} the server was gone`
  const { good, tooLittle, bad, judgement, value } = step
  const isLeft = judgement.isGood || (judgement.isTooLittle && good === undefined)
  const [low, high] = isLeft ? [value, bad] : [good ?? tooLittle, value]
  if (low === undefined) return 'nothing lower is to be tried'
  return high === undefined ? 'this is the upper bound' : `nothing is left between ${low} and ${high}`
}

/** What the marked percentiles take. */
const footnotes = ({ answers }: SlaOutcome): readonly string[] => {
  const judgements = answers.flatMap(({ steps }) => steps.map(({ judgement }) => judgement))
  const needs = new Map(judgements.flatMap(uncarried))
  if (needs.size === 0) return []
  const list = [...needs].map(([name, needed]) => `${needed} for ${name}`).join(', ')
  return [`* rests on fewer samples than it takes: ${list}; --sla-point-seconds gives a value more time`]
}

const uncarried = ({ figures }: Judgement): readonly (readonly [name: string, needed: number])[] =>
  figures.flatMap(({ criterion: { figure }, value, isCarried: carried, neededSamples }) =>
    carried || value === undefined || neededSamples === undefined ? [] : [[figure.name, neededSamples] as const],
  )

const mostColumns = 120
