import { decimalText } from '../../stats/decimal.ts'
import { goalOf, groupText } from '../../stats/sla/criteria.ts'
import { failsBySuccess, isCarried } from '../../stats/sla/judge.ts'
import {
  type DecidedStep,
  type GroupAnswer,
  isAtUpperBound,
  missedBounds,
  type SlaOutcome,
} from '../../stats/sla/outcome.ts'
import { boxTable } from '../table.ts'
import { wrapWords } from '../wrap-words.ts'
import { proofText, successText } from './step-words.ts'

const head = ['Criteria', 'Variable', 'Max Satisfied', 'Note'] as const
/** Borders and padding of four columns, and the two whose cells are short. */
const fixedColumns = 13 + 'Variable'.length + 'Max Satisfied'.length
/** Narrower cells would hold no word. */
const leastCell = 10

/** What was found for each group; in a terminal of fewer `columns`, criteria and notes have several lines. */
export const slaTable = ({ answers, variable }: SlaOutcome, columns: number | undefined): string => {
  const rows = answers.map(answer => ({
    criteria: groupText(answer.group),
    value: answer.value === undefined ? 'None' : decimalText(answer.value, 6),
    note: noteText(answer),
  }))
  const widths = cellWidths(
    longest(rows.map(({ criteria }) => criteria)),
    longest(rows.map(({ note }) => note)),
    columns,
  )
  return boxTable({
    head,
    rows: rows.map(({ criteria, value, note }) => [
      wrapWords(criteria, widths.criteria),
      variable,
      value,
      wrapWords(note, widths.note),
    ]),
    aligns: ['left', 'left', 'right', 'left'],
    hasRowLines: true,
  })
}

const longest = (texts: readonly string[]): number => Math.max(0, ...texts.map(text => text.length))

/** What the terminal leaves is halved, unless one of both takes less. */
const cellWidths = (
  criteria: number,
  note: number,
  columns = Number.POSITIVE_INFINITY,
): { readonly criteria: number; readonly note: number } => {
  const left = Math.max(2 * leastCell, columns - fixedColumns)
  if (criteria + note <= left) return { criteria, note }
  const half = Math.floor(left / 2)
  if (note <= half) return { criteria: left - note, note }
  return criteria <= half ? { criteria, note: left - criteria } : { criteria: half, note: left - half }
}

/** What stands in the last column of the table; a value that its sample does not carry is marked. */
export const noteText = (answer: GroupAnswer): string => `${foundText(answer)}${proofText(answer)}`

const foundText = (answer: GroupAnswer): string => {
  const { group, value, steps, isWhole } = answer
  const found = steps.find(step => step.value === value)?.judgement
  const goal = goalOf(group)
  const mark = found === undefined || isCarried(found) ? '' : '*'
  if (!isWhole) return value === undefined ? 'Cut short' : `Satisfied${mark}, cut short`
  if (value === undefined) return goal === undefined ? failedText(steps) : 'No success'
  if (goal === undefined)
    return `Satisfied${mark}${isAtUpperBound(answer) ? ` at upper bound (${decimalText(value, 6)})` : ''}`
  const best = found?.figures[0]?.value
  return `Best ${goal.figure.name}: ${best === undefined ? '—' : decimalText(best, 4)}${mark}`
}

/** Why no value is good: too much even at the lowest, too little even at the highest, or both, side by side. */
const failedText = (steps: readonly DecidedStep[]): string => {
  const { tooLittle, tooMuch } = missedBounds(steps)
  if (tooLittle === undefined) return `Failed at lower bound (${tooMuch})${successReason(steps, tooMuch)}`
  return tooMuch === undefined
    ? `Not reached at upper bound (${tooLittle})`
    : `${tooLittle} is too little, ${tooMuch} too much`
}

/** `: success 12%, below 99.9%`, where that is why. */
const successReason = (steps: readonly DecidedStep[], value: number | undefined): string => {
  const judgement = steps.find(step => step.value === value)?.judgement
  return judgement !== undefined && failsBySuccess(judgement) ? `: ${successText(judgement).join('')}` : ''
}
