import { decimalText } from '../../stats/decimal.ts'
import { goalOf, groupText, judgedCriteria, type SlaGroup } from '../../stats/sla/criteria.ts'
import { isCarried, type Judgement } from '../../stats/sla/judge.ts'
import { type DecidedStep, type GroupAnswer, missedBounds, type SlaOutcome } from '../../stats/sla/outcome.ts'
import { boxTable } from '../table.ts'
import { conclusionText } from './conclusion.ts'
import { findingText, nextText, proofText, valueText } from './step-words.ts'

/** What a search came to: the table, the path of each group in words, and one sentence. */
export const slaReport = (outcome: SlaOutcome): string =>
  [
    `SLA Auto-tune Summary:\n${slaTable(outcome)}`,
    ...outcome.answers.map(answer => pathText(answer, outcome)),
    ...footnotes(outcome).map(text => wrapWords(text, '')),
    wrapWords(conclusionText(outcome), ''),
  ].join('\n\n')

const slaTable = ({ answers, variable }: SlaOutcome): string =>
  boxTable({
    head: ['Criteria', 'Variable', 'Max Satisfied', 'Note'],
    rows: answers.map(answer => [
      groupText(answer.group),
      variable,
      answer.value === undefined ? 'None' : decimalText(answer.value, 6),
      noteText(answer),
    ]),
    aligns: ['left', 'left', 'right', 'left'],
    hasRowLines: true,
  })

/** What stands in the last column of the table; a value that its sample does not carry is marked. */
export const noteText = (answer: GroupAnswer): string => `${foundText(answer)}${proofText(answer)}`

const foundText = ({ group, value, steps, isWhole }: GroupAnswer): string => {
  const found = steps.find(step => step.value === value)?.judgement
  const goal = goalOf(group)
  const mark = found === undefined || isCarried(found) ? '' : '*'
  if (!isWhole) return value === undefined ? 'Cut short' : `Satisfied${mark}, cut short`
  if (value === undefined) return goal === undefined ? failedText(steps) : 'No success'
  if (goal === undefined) return `Satisfied${mark}`
  const best = found?.figures[0]?.value
  return `Best ${goal.figure.name}: ${best === undefined ? '—' : decimalText(best, 4)}${mark}`
}

/** Why no value is good: too much even at the lowest, too little even at the highest, or both, side by side. */
const failedText = (steps: readonly DecidedStep[]): string => {
  const { tooLittle, tooMuch } = missedBounds(steps)
  if (tooLittle === undefined) return `Failed at lower bound (${tooMuch})`
  return tooMuch === undefined
    ? `Not reached at upper bound (${tooLittle})`
    : `${tooLittle} is too little, ${tooMuch} too much`
}

const pathText = ({ group, steps, isWhole }: GroupAnswer, { variable, range }: SlaOutcome): string => {
  const { lower, upper } = range
  const criteria = judgedCriteria(group)
  const head = `The path of ${groupText(criteria)}${unitsText(criteria)}, --${variable} from ${lower} to ${upper}:`
  const lines = steps.map((step, index) => {
    const next = steps[index + 1]
    const then = next === undefined ? lastText(step, isWhole) : nextText(next, range)
    return wrapWords(`  • ${valueText(variable, step.value)} ${findingText(group, step)}; ${then}`, '    ')
  })
  return [head, ...(lines.length === 0 ? ['  • nothing was measured'] : lines)].join('\n')
}

const unitsText = (group: SlaGroup): string => {
  const units = new Set(group.map(({ figure }) => figure.unit))
  return ` (in ${[...units].join(' and ')})`
}

const lastText = (step: DecidedStep, isWhole: boolean): string => {
  if (!isWhole) return 'here the search was cut short'
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

const width = 120

/** Lines of at most the full width, those after the first behind `indent`. */
const wrapWords = (text: string, indent: string): string => {
  const [first = '', ...words] = text.split(/(?<=\S) /)
  const lines = [first]
  for (const word of words) {
    const longer = `${lines.at(-1)} ${word}`
    if (longer.length <= width) lines[lines.length - 1] = longer
    else lines.push(indent + word)
  }
  return lines.join('\n')
}
