import type { GateCheck, GateOutcome } from '../model/gate.ts'
import { formatFigure, formatWithUnit } from './format.ts'
import { baselineLines, outcomeText } from './gate-words.ts'
import { boxTable } from './table.ts'
import { plainText } from './text.ts'

/**
 * What became of the gates: a table with a row for each check, and below it why those that did not pass did not, and what
 * is to be said of the baseline.
 */
export const gateText = (outcome: GateOutcome): string => {
  const { checks } = outcome
  const reasons = checks
    .filter(({ verdict }) => verdict !== 'passed')
    .map(({ run, reason }) => `  • ${plainText(run)}: ${plainText(reason)}`)
  const ofBaseline = outcome.baseline === undefined ? [] : baselineLines(outcome.baseline)
  const lines = [...reasons, ...ofBaseline.map(line => `  • ${plainText(line)}`)]
  return [`Gates: ${plainText(outcomeText(outcome))}`, gateTable(checks), ...lines].join('\n')
}

const gateTable = (checks: readonly GateCheck[]): string => {
  const hasBaseline = checks.some(({ kind }) => kind === 'baseline')
  const runs = [...new Set(checks.map(({ run }) => run))]
  const cells = (...[condition = '', value = '', baseline = '', verdict = '']: readonly string[]): readonly string[] =>
    hasBaseline ? [condition, value, baseline, verdict] : [condition, value, verdict]
  return boxTable({
    head: cells('Fails if', 'Value', 'Baseline', 'Verdict'),
    aligns: hasBaseline ? ['left', 'right', 'right', 'left'] : ['left', 'right', 'left'],
    rows: runs.flatMap(run => [
      cells(`── ${run} ──`),
      ...checks
        .filter(check => check.run === run)
        .map(check => {
          const baseline = check.kind === 'baseline' ? amount(check, check.baseline) : ''
          return cells(check.condition, amount(check, check.value), baseline, check.verdict)
        }),
    ]),
  })
}

const amount = ({ unit }: GateCheck, value: number | undefined): string =>
  unit === '' ? formatFigure('ms', value) : formatWithUnit(unit === 's' ? 'latencySeconds' : 'ms', value, unit)
