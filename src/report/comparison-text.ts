import type {
  BenchmarkComparison,
  ComparedFacts,
  ComparedSide,
  Comparison,
  ComparisonRow,
  ComparisonVerdict,
  FirstToken,
  RunComparison,
} from '../model/comparison.ts'
import type { LoadShape } from '../model/run-plan.ts'
import { plainText } from '../plain-text.ts'
import { falseAlarmShare, smallestChange } from '../stats/compare.ts'
import { roundHalfUp } from '../stats/decimal.ts'
import { samplesNeeded } from '../stats/sample-rule.ts'
import { differenceLines } from './comparison-differences.ts'
import { changeUnit, formatMetric, metricLabel, metricName } from './comparison-metrics.ts'
import { absent } from './format.ts'
import { givenRateText } from './load-cells.ts'
import { splitTable } from './split-table.ts'
import { boxTable } from './table.ts'
import { wrapWords } from './wrap-words.ts'

/**
 * The report of a comparison: what differs in the making, a table for each pair of runs, and what follows; as wide as the
 * terminal, where there is one.
 */
export const comparisonText = (comparison: Comparison, columns?: number): string =>
  [
    [comparison.baseline, ...comparison.others.map(({ other }) => other)].map(factsLine).join('\n'),
    ...originalLines(comparison),
    ...comparison.others.map(against => benchmarkText({ comparison, against, columns })),
    wrapWords(explanation, Math.min(columns ?? proseColumns, proseColumns)),
  ]
    .join('\n\n')
    .split('\n')
    .map(line => (columns === undefined || isOfTable(line) ? line : wrapWords(line, columns)))
    .join('\n')

const proseColumns = 120

const isOfTable = (line: string): boolean => /^[┌│├└]/.test(line)

const factsLine = ({ letter, path, model, isOriginal }: ComparedFacts): string =>
  plainText(`${letter} is ${path}, model ${model}${isOriginal ? ", made by Python's evalscope" : ''}`)

/** What cannot be held against each other as it stands. */
const originalLines = ({ baseline, others, firstToken }: Comparison): readonly string[] => {
  if (firstToken === 'output') return []
  const all = [baseline, ...others.map(({ other }) => other)]
  const letters = all.filter(({ isOriginal }) => isOriginal).map(({ letter }) => letter)
  return [
    `What evalscope calls TTFT in ${letters.join(', ')} is the first event with choices: here First Chunk stands in its place for all, and TPOT counts from it.`,
    'Its ITL is between all events, ours between those with output. All its figures, percentiles too, are computed again from its rows.',
  ].map(text => wrapWords(text, proseColumns))
}

const benchmarkText = (place: Place): string => {
  const { comparison, against } = place
  const { runs, unpaired } = against
  const conclusions = runs.map(run => conclusionLine(run, place))
  return [
    differenceLines(comparison.baseline, against),
    ...runs.map(run => runText(run, place)),
    ...(unpaired.length === 0 ? [] : [plainText(`Without a partner of the same load: ${unpaired.join(', ')}`)]),
    [`${against.other.letter} against ${comparison.baseline.letter}:`, ...conclusions.map(line => `  • ${line}`)].join(
      '\n',
    ),
  ].join('\n\n')
}

interface Place {
  readonly comparison: Comparison
  readonly against: BenchmarkComparison
  readonly columns: number | undefined
}

const runText = (run: RunComparison, { comparison, against, columns }: Place): string => {
  const [a, b] = [comparison.baseline.letter, against.other.letter]
  const { rows, baseline, other, requestsNeeded } = run
  const head = ['Metric', a, b, `${b} − ${a}`, 'Interval', 'Verdict']
  const aligns = ['left', 'right', 'right', 'right', 'right', 'left'] as const
  const cells = rows.map(row => rowCells(row, comparison.firstToken))
  const table = splitTable(head.length - 1, columns, (from, to) => {
    const part = <T>([first, ...rest]: readonly T[]): readonly T[] => [first as T, ...rest.slice(from, to)]
    return boxTable({ head: part(head), aligns: part(aligns), rows: cells.map(part) })
  })
  const lacksTail = Math.min(baseline.requests, other.requests) < samplesNeeded(99)
  const tooFew =
    requestsNeeded !== undefined
      ? [tooFewLine(requestsNeeded)]
      : lacksTail
        ? [`p99 of requests takes ${samplesNeeded(99)} of them in each run.`]
        : []
  return [
    `${loadText(run.load)}: ${sideText(a, baseline)}; ${sideText(b, other)}`,
    table,
    ...tooFew,
    ...invalidLines([
      [a, baseline],
      [b, other],
    ]),
  ].join('\n')
}

const tooFewLine = (requests: number): string =>
  `Too few requests to tell a difference from chance: it takes about ${requests} at this load (--number ${requests}).`

/** Loudly: such figures decide nothing. */
const invalidLines = (sides: readonly (readonly [letter: string, side: ComparedSide])[]): readonly string[] =>
  sides
    .filter(([, { verdict }]) => verdict?.level === 'INVALID')
    .map(([letter, { verdict }]) => {
      const names = (verdict?.reasons ?? []).map(({ name }) => name)
      // Another run would fail as well.
      const wayOn = names.includes('requests failed') ? `Look at the failures of ${letter}` : `Run ${letter} again`
      return `!! ${letter} IS INVALID (${names.join(', ')}): nothing follows from this comparison. ${wayOn}. !!`
    })

const sideText = (letter: string, { name, requests, verdict }: ComparedSide): string => {
  const reasons = (verdict?.reasons ?? []).map(reason => reason.name).join(', ')
  const judged = verdict === undefined ? [] : [[verdict.level ?? 'not judged', reasons].filter(Boolean).join(': ')]
  return plainText(`${letter} ${name} (${[`${requests} requests`, ...judged].join(', ')})`)
}

const rowCells = (row: ComparisonRow, firstToken: FirstToken): readonly string[] => {
  const { metric, baseline, value, change, interval, verdict } = row
  return [
    metricLabel(metric, firstToken),
    formatMetric(metric, baseline),
    formatMetric(metric, value),
    change === undefined ? absent : `${signed(change)} ${changeUnit(metric)}`,
    interval === undefined ? absent : `${edge(interval.from)} … ${edge(interval.to)}`,
    verdict,
  ]
}

/** `+9.8`, with a real minus sign, and as far from 0 on either side. */
const signed = (value: number, decimals = 1): string => {
  if (!Number.isFinite(value)) return value > 0 ? '+∞' : '−∞'
  const size = roundHalfUp(Math.abs(value), decimals)
  return size === 0 ? '0' : `${value > 0 ? '+' : '−'}${size}`
}

/** An edge of an interval: where it would read 0 and is not, with more decimals, as 0 is what verdicts are about. */
const edge = (value: number): string => {
  const decimals = [1, 2, 3].find(places => roundHalfUp(Math.abs(value), places) !== 0)
  return signed(value, decimals)
}

/** `Concurrency 10`, `Concurrency 4 at 5 req/s`, `Open loop at 5 req/s`. */
export const loadText = (load: LoadShape): string => {
  const rate = load.pacing === undefined ? '' : ` at ${givenRateText(load.pacing.ratePerSec)} req/s`
  if (load.kind === 'trace') return 'Trace'
  return load.kind === 'open' ? `Open loop${rate}` : `Concurrency ${load.concurrency}${rate}`
}

/** What a pair of runs comes to, in a line. */
const conclusionLine = ({ load, rows, baseline, other }: RunComparison, { comparison, against }: Place): string => {
  const told = (['better', 'worse', 'no difference seen', 'too few samples'] as const).flatMap(verdict => {
    const found = rows.filter(row => row.verdict === verdict)
    return found.length === 0 ? [] : [`${verdict}${namesOf(found, verdict, comparison.firstToken)}`]
  })
  const doubts = [doubtOf(comparison.baseline.letter, baseline), doubtOf(against.other.letter, other)].filter(Boolean)
  const isInvalid = [baseline, other].some(({ verdict }) => verdict?.level === 'INVALID')
  const found = isInvalid ? 'nothing follows' : told.join('; ')
  return `${loadText(load)}${doubts.length === 0 ? '' : ` (${doubts.join(', ')})`}: ${found}`
}

/** `A SUSPECT`; empty of a run that nothing speaks against. */
const doubtOf = (letter: string, { verdict }: ComparedSide): string =>
  verdict === undefined || verdict.level === 'VALID' ? '' : `${letter} ${verdict.level ?? 'not judged'}`

/** What has changed is named, the rest is counted. */
const namesOf = (rows: readonly ComparisonRow[], verdict: ComparisonVerdict, firstToken: FirstToken): string =>
  verdict === 'better' || verdict === 'worse'
    ? `: ${rows.map(({ metric }) => metricName(metric, firstToken)).join(', ')}`
    : ` in ${rows.length} metric${rows.length === 1 ? '' : 's'}`

const explanation = `Intervals and verdicts are for all rows together: where nothing differs, at most ${100 * falseAlarmShare} of 100 such comparisons calls anything better or worse. Changes below ${smallestChange.percent} % (of the success rate: ${smallestChange.points} point) count as none. What makes one run differ from the next, such as a neighbour on the machine, is not in these intervals: hold two runs of A against each other to see it.`
