import type { TokenFindings, UsageComparison } from '../model/token-findings.ts'
import { differencePercent } from '../stats/usage-check.ts'
import { absent, formatFigure } from './format.ts'
import { boxTable } from './table.ts'
import { plainText } from './text.ts'

/** The server's usage against the tokenizer; undefined where nothing was compared. */
export const usageTable = ({ input, output }: TokenFindings): string | undefined => {
  const rows = [...rowsOf('Input', input), ...rowsOf('Output', output)]
  if (rows.length === 0) return undefined
  return boxTable({
    head: ['Tokens', 'Requests', 'Usage', 'Tokenizer', 'Difference (%)', 'Worst (%)', 'Worst Request'],
    rows,
  })
}

const rowsOf = (label: string, comparison: UsageComparison | undefined): readonly (readonly string[])[] => {
  if (comparison === undefined) return []
  const { requests, meanUsage, meanTokenizer, worst } = comparison
  return [
    [
      label,
      String(requests),
      formatFigure('meanCount', meanUsage),
      formatFigure('meanCount', meanTokenizer),
      formatFigure('rate', comparison.differencePercent),
      formatFigure('rate', worst === undefined ? 0 : differencePercent(worst)),
      worst === undefined ? absent : plainText(worst.requestId),
    ],
  ]
}
