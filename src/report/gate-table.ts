import type { GateCheck, GateOutcome } from '../model/gate.ts'
import { formatFigure, formatWithUnit } from './format.ts'
import { baselineLines, outcomeText } from './gate-words.ts'
import { boxTable } from './table.ts'
import { plainText, wrapText } from './text.ts'

/**
 * What became of the gates: a table with a row for each check, and below it why those that did not pass did not, and what
 * is to be said of the baseline; in a terminal of so many `columns` no wider than that.
 */
export const gateText = (outcome: GateOutcome, columns?: number): string => {
  const { checks } = outcome
  const reasons = checks
    .filter(({ verdict }) => verdict !== 'passed')
    .map(({ run, reason }) => `  • ${plainText(run)}: ${plainText(reason)}`)
  const ofBaseline = outcome.baseline === undefined ? [] : baselineLines(outcome.baseline)
  const lines = [...reasons, ...ofBaseline.map(line => `  • ${plainText(line)}`)]
  return [`Gates: ${plainText(outcomeText(outcome))}`, gateTable(checks, columns), ...lines].join('\n')
}

/** Below this, a condition has more lines than one likes to read. */
const leastForCondition = 24

/** Conditions are broken where the terminal is narrow; where that is not enough, baselines stand below the values. */
const gateTable = (checks: readonly GateCheck[], columns: number | undefined): string => {
  const hasBaseline = checks.some(({ kind }) => kind === 'baseline')
  const beside = layoutOf(checks, hasBaseline ? 'beside' : 'none', columns)
  return drawTable(checks, hasBaseline && beside.room < leastForCondition ? layoutOf(checks, 'below', columns) : beside)
}

type BaselinePlace = 'none' | 'beside' | 'below'

interface Layout {
  readonly head: readonly string[]
  /** All cells of a check but the condition. */
  readonly figuresOf: (check: GateCheck) => readonly string[]
  /** Characters that are left for the condition. */
  readonly room: number
}

const layoutOf = (checks: readonly GateCheck[], place: BaselinePlace, columns = Number.POSITIVE_INFINITY): Layout => {
  const head = { none: ['Value'], beside: ['Value', 'Baseline'], below: ['Value\nBaseline'] }[place]
  const figuresOf = (check: GateCheck): readonly string[] => {
    const value = amount(check, check.value)
    const baseline = check.kind === 'baseline' ? amount(check, check.baseline) : ''
    const figures = {
      none: [value],
      beside: [value, baseline],
      below: [baseline === '' ? value : `${value}\n${baseline}`],
    }
    return [...figures[place], check.verdict]
  }
  const cells = [[...head, 'Verdict'], ...checks.map(figuresOf)]
  const widths = [...head, ''].map((_, at) =>
    Math.max(...cells.flatMap(row => (row[at] ?? '').split('\n')).map(({ length }) => length)),
  )
  // Of each column a border and a blank on either side, and the last border.
  const room = widths.reduce((left, width) => left - width - 3, columns - 4)
  return { head: ['Fails if', ...head, 'Verdict'], figuresOf, room: Math.max(room, 'Fails if'.length) }
}

const drawTable = (checks: readonly GateCheck[], { head, figuresOf, room }: Layout): string => {
  const runs = [...new Set(checks.map(({ run }) => run))]
  return boxTable({
    head,
    aligns: head.map((_, at) => (at === 0 || at === head.length - 1 ? 'left' : 'right')),
    rows: runs.flatMap(run => [
      [runHeading(plainText(run), room), ...head.slice(1).map(() => '')],
      ...checks
        .filter(check => check.run === run)
        .map(check => [atWords(plainText(check.condition), room), ...figuresOf(check)]),
    ]),
  })
}

const runHeading = (run: string, room: number): string =>
  run.length + 6 <= room ? `── ${run} ──` : atWords(`── ${run}`, room)

/** Broken between words, never before a `%`, and within words that are too long. */
const atWords = (text: string, width: number): string => {
  const lines: string[] = []
  for (const word of text.split(/ (?!%)/).flatMap(part => wrapText(part, width).split('\n'))) {
    const longer = [...lines.slice(-1), word].join(' ')
    if (lines.length > 0 && longer.length <= width) lines[lines.length - 1] = longer
    else lines.push(word)
  }
  return lines.join('\n')
}

const amount = ({ unit }: GateCheck, value: number | undefined): string =>
  unit === '' ? formatFigure('ms', value) : formatWithUnit(unit === 's' ? 'latencySeconds' : 'ms', value, unit)
