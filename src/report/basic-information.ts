import type { RunResult } from '../model/result.ts'
import { formatLarge, formatWithUnit, toSeconds } from './format.ts'
import { boxTable } from './table.ts'
import { plainText, wrapText } from './text.ts'

// Together with three borders 80 columns; names and paths that are longer go on in the next line.
const nameColumns = 23
const valueColumns = 54

/** Names and values in a box of 80 columns. */
export const pairBox = (pairs: readonly (readonly [name: string, value: string])[]): string =>
  boxTable({
    rows: pairs.map(([name, value]) => [name, wrapText(plainText(value), valueColumns - 2)]),
    aligns: ['left', 'left'],
    colWidths: [nameColumns, valueColumns],
  })

/** What was tested, how much came out and where the files are. */
export const basicInformation = (results: readonly RunResult[], outputPath: string): string => {
  const plan = results[0]?.plan
  const tokens = sumKnown(results.map(outputTokensOf))
  const seconds = toSeconds(sumKnown(results.map(({ summary }) => summary.durationMs)))
  const rate = tokens === undefined || seconds === undefined || seconds === 0 ? undefined : tokens / seconds
  return pairBox([
    ['Model', plan?.model ?? ''],
    ['Test Dataset', plan?.dataset.prompt === undefined ? (plan?.dataset.spec ?? '') : '--prompt'],
    ['API Type', plan?.api ?? ''],
    ['Total Generated', tokens === undefined ? formatLarge(undefined) : `${formatLarge(tokens)} tokens`],
    ['Avg Output Rate', formatWithUnit('rate', rate, 'tok/s')],
    ['Total Test Time', formatWithUnit('durationSeconds', seconds, 's')],
    ['Output Path', outputPath],
  ])
}

/** All output tokens of a run; requests without a token count are in no mean and add nothing. */
const outputTokensOf = ({ summary }: RunResult): number | undefined => {
  const { meanOutputTokens, succeededRequests, tokenSources } = summary
  return meanOutputTokens === undefined ? undefined : meanOutputTokens * (succeededRequests - tokenSources.none)
}

const sumKnown = (values: readonly (number | undefined)[]): number | undefined => {
  const known = values.filter(value => value !== undefined)
  return known.length === 0 ? undefined : known.reduce((sum, value) => sum + value, 0)
}
