import type { RunResult } from '../model/result.ts'
import { hasOutputTokens } from '../model/run-plan.ts'
import { formatLarge, formatWithUnit, toSeconds } from './format.ts'
import { boxTable } from './table.ts'
import { plainText, wrapText } from './text.ts'

// Names and paths that are longer than their column go on in the next line.
const nameColumns = 23
/** Without anything that asks for less, and where less would tell nothing. */
const [boxColumns, leastColumns] = [80, 40]

/** The width of a box, borders included: 80 columns, or all of a terminal that has fewer. */
export const boxWidth = (columns: number | undefined): number =>
  Math.max(leastColumns, Math.min(boxColumns, columns ?? boxColumns))

/** Names and values in a box as wide as `boxWidth` says. */
export const pairBox = (pairs: readonly Pair[], columns?: number): string => {
  const valueColumns = boxWidth(columns) - nameColumns - 3
  return boxTable({
    rows: pairs.map(([name, value]) => [name, wrapText(plainText(value), valueColumns - 2)]),
    aligns: ['left', 'left'],
    colWidths: [nameColumns, valueColumns],
  })
}

/** What was tested, how much came out (or, where answers have no tokens, went in) and where the files are. */
export const basicInformation = (results: readonly RunResult[], outputPath: string, columns?: number): string =>
  pairBox(basicPairs(results, outputPath), columns)

/** The same as names and values. */
export const basicPairs = (results: readonly RunResult[], outputPath: string): readonly Pair[] => {
  const plan = results[0]?.plan
  const counts = plan === undefined || hasOutputTokens(plan.task) ? generated : taken
  const tokens = sumKnown(results.map(result => tokensOf(result, counts)))
  const seconds = toSeconds(sumKnown(results.map(({ summary }) => summary.durationMs)))
  const rate = tokens === undefined || seconds === undefined || seconds === 0 ? undefined : tokens / seconds
  return [
    ['Model', plan?.model ?? ''],
    ['Test Dataset', plan?.dataset.prompt === undefined ? (plan?.dataset.spec ?? '') : '--prompt'],
    ['API Type', plan?.api ?? ''],
    [counts.total, tokens === undefined ? formatLarge(undefined) : `${formatLarge(tokens)} tokens`],
    [counts.rate, formatWithUnit('rate', rate, 'tok/s')],
    ['Total Test Time', formatWithUnit('durationSeconds', seconds, 's')],
    ['Output Path', outputPath],
  ]
}

type Pair = readonly [name: string, value: string]

/** Which tokens are added up, and what they are called. */
interface Counts {
  readonly mean: 'meanOutputTokens' | 'meanInputTokens'
  readonly total: string
  readonly rate: string
}

const generated: Counts = { mean: 'meanOutputTokens', total: 'Total Generated', rate: 'Avg Output Rate' }
const taken: Counts = { mean: 'meanInputTokens', total: 'Total Input Tokens', rate: 'Avg Input Rate' }

/** All of these tokens in a run; requests without a token count are in no mean and add nothing. */
const tokensOf = ({ summary }: RunResult, { mean }: Counts): number | undefined => {
  const { succeededRequests, tokenSources, [mean]: meanTokens } = summary
  return meanTokens === undefined ? undefined : meanTokens * (succeededRequests - tokenSources.none)
}

const sumKnown = (values: readonly (number | undefined)[]): number | undefined => {
  const known = values.filter(value => value !== undefined)
  return known.length === 0 ? undefined : known.reduce((sum, value) => sum + value, 0)
}
