import type { GateCheck, GateOutcome } from '../../model/gate.ts'
import type { RunResult } from '../../model/result.ts'
import { plainLines } from '../../plain-text.ts'
import { decimalText } from '../../stats/decimal.ts'
import { groupText } from '../../stats/sla/criteria.ts'
import type { SlaOutcome } from '../../stats/sla/outcome.ts'
import { formatWithUnit, toSeconds } from '../format.ts'
import { baselineLines, failedCount, outcomeText } from '../gate-words.ts'
import { runAgain } from '../html/run-again.ts'
import { byLoad } from '../recommendations.ts'
import { sweepFootnote } from '../sample-marks.ts'
import { conclusionText } from '../sla/conclusion.ts'
import { noteText } from '../sla/sla-report.ts'
import { type CiCheck, ciChecks, gateValue, hasPassed } from './checks.ts'
import type { CiReport } from './ci-report.ts'
import { datasetName, isMarked, type KeyFigure, keyFigures, sampledRows } from './key-figures.ts'
import { codeBlock, codeSpan, firstOf, markdownTable, markdownText } from './markdown-text.ts'

/** More rows or lines of one kind are counted only: a step summary takes a MiB. */
const most = { runs: 500, checks: 200, failures: 50 }

/** A command line that is longer, such as one with a prompt in it, is not worth its place. */
const longestCommand = 2000

/** The Markdown report of a benchmark, with a line break at the end. */
export const markdownReport = (report: CiReport): string => {
  const checks = ciChecks(report)
  const results = byLoad(report.runs.map(({ result }) => result))
  const parts = [
    titleText(report, checks),
    // Which has the note, too.
    endText(checks) ?? (report.note === undefined ? undefined : markdownText(report.note)),
    results.length > 0 ? overviewText(results) : undefined,
    report.sla && searchText(report.sla),
    verdictText(checks),
    report.gates && report.gates.checks.length > 0 ? gatesText(report.gates) : undefined,
    failureText(results),
    placeText(report),
  ]
  return `${parts.filter(part => part !== undefined).join('\n\n')}\n`
}

const titleText = (report: CiReport, checks: readonly CiCheck[]): string => {
  const { runs } = report
  const [first] = runs
  const { mark, word } = headingOf(report, checks)
  if (first === undefined) return `## ${mark} evalscope perf: ${word}`
  const { plan } = first.result
  const counted = `${runs.length} ${runs.length === 1 ? 'run' : 'runs'}`
  const seconds = runs.reduce((sum, { result }) => sum + (toSeconds(result.summary.durationMs) ?? 0), 0)
  const facts = [
    `API ${codeSpan(plan.api)}`,
    `dataset ${codeSpan(datasetName(plan))}`,
    `${counted}, ${formatWithUnit('durationSeconds', seconds, 's')}`,
    ...(first.startedAt === undefined ? [] : [`started ${markdownText(first.startedAt)}`]),
  ]
  return `## ${mark} evalscope perf: ${codeSpan(plan.model)} ${word}\n\n${facts.join(' · ')}`
}

const headingOf = ({ gates, runs }: CiReport, checks: readonly CiCheck[]): Record<'mark' | 'word', string> => {
  if (!hasPassed(checks)) return { mark: '❌', word: 'did not pass' }
  const noted = checks.filter(({ outcome }) => outcome === 'noted')
  // All that let them pass is that nobody wanted them to fail.
  if (gates && !gates.hasPassed)
    return { mark: '⚠️', word: `${failedCount(gates)} of ${gates.checks.length} gates failed (advisory)` }
  const invalid = noted.filter(({ message, kind }) => kind === 'verdict' && isInvalid(message)).length
  if (invalid > 0) return { mark: '⛔', word: `passed, but ${invalid} of ${runs.length} runs INVALID` }
  return noted.length > 0 ? { mark: '⚠️', word: 'passed, with doubts' } : { mark: '✅', word: 'passed' }
}

/** Only where a benchmark did not come to its end. */
const endText = (checks: readonly CiCheck[]): string | undefined => {
  const ends = checks.filter(({ kind, outcome }) => kind === 'end' && outcome !== 'passed')
  if (ends.length === 0) return undefined
  return ends
    .map(({ outcome, message, details }) =>
      [`**${outcome === 'broken' ? '❌' : '⚠️'} ${markdownText(message)}**`, ...details.map(markdownText)].join('  \n'),
    )
    .join('\n\n')
}

const overviewText = (results: readonly RunResult[]): string => {
  const shown = results.slice(0, most.runs)
  const figures = keyFigures(shown)
  const head = ['Run', ...figures.map(({ label }) => label), 'Verdict']
  const rows = shown.map(result => [
    markdownText(result.plan.name),
    ...figures.map(figure => figureCell(figure, result)),
    result.verdict.level ?? 'none',
  ])
  const table = markdownTable(head, rows, column => column > 0 && column <= figures.length)
  const levels = [...new Set(figures.flatMap(({ of }) => of?.level ?? []))]
  const footnote = sweepFootnote(sampledRows(figures, shown), levels)
  const left = results.length - shown.length
  return [
    table,
    ...(footnote === undefined ? [] : [markdownText(footnote)]),
    ...(left === 0 ? [] : [`and ${left} more runs`]),
  ].join('\n\n')
}

/** Percentiles of too few samples have a mark. */
const figureCell = (figure: KeyFigure, result: RunResult): string =>
  `${figure.text(result)}${isMarked(figure, result) ? '\\*' : ''}`

/** The answers of a search, and what follows from them in a sentence. */
const searchText = (sla: SlaOutcome): string => {
  const rows = sla.answers.map(answer => [
    markdownText(groupText(answer.group)),
    answer.value === undefined ? '❌ none' : `✅ ${decimalText(answer.value, 6)}`,
    markdownText(noteText(answer)),
  ])
  const table = markdownTable(['Kept', `Highest --${sla.variable}`, 'Note'], rows, column => column === 1)
  return ['### SLA search', table, markdownText(conclusionText(sla))].join('\n\n')
}

const verdictText = (checks: readonly CiCheck[]): string | undefined => {
  const verdicts = checks.filter(({ kind }) => kind === 'verdict')
  if (verdicts.length === 0) return undefined
  const doubtful = verdicts.filter(({ outcome }) => outcome !== 'passed')
  if (doubtful.length === 0) {
    return `### Verdict\n\n**VALID**${verdicts.length === 1 ? '' : ` for each of the ${verdicts.length} runs`}`
  }
  const lines = doubtful.flatMap(({ run = '', outcome, message, details }) => [
    `- ${outcome === 'failed' ? '❌' : doubtMark(message)} ${codeSpan(run)}: ${markdownText(message)}`,
    ...details.map(line => `  - ${markdownText(line)}`),
  ])
  const valid = verdicts.length - doubtful.length
  return [`### Verdicts\n`, ...firstOf(lines, most.checks), ...(valid > 0 ? [`- ✅ ${valid} VALID`] : [])].join('\n')
}

/** A run that means nothing is not told like one that may. */
const doubtMark = (message: string): string => (isInvalid(message) ? '⛔' : '⚠️')

const isInvalid = (messageOfVerdict: string): boolean => messageOfVerdict.startsWith('INVALID')

const verdictMarks = { passed: '✅ passed', failed: '❌ failed', unmeasurable: '❔ unmeasurable' } as const

const gatesText = (outcome: GateOutcome): string => {
  const { checks, isAdvisory, invalidRuns, baseline } = outcome
  const hasBaseline = checks.some(({ kind }) => kind === 'baseline')
  // Those that did not pass are what a reader is after.
  const ordered = checks.toSorted((a, b) => Number(a.verdict === 'passed') - Number(b.verdict === 'passed'))
  const head = ['Fails if', 'Run', 'Value', ...(hasBaseline ? ['Baseline'] : []), 'Gate', 'Why']
  const rows = ordered
    .slice(0, most.checks)
    .map(check => gateRow(check, { hasBaseline, isEmpty: invalidRuns.includes(check.run) }))
  const table = markdownTable(head, rows, column => column === 2 || (hasBaseline && column === 3))
  const left = checks.length - rows.length
  return [
    `### Gates${isAdvisory ? ' (advisory: they fail nothing)' : ''}`,
    ...(invalidRuns.length === 0 ? [] : [`**⛔ Gates: ${markdownText(outcomeText(outcome))}**`]),
    table,
    ...(left === 0 ? [] : [`and ${left} more`]),
    ...(baseline === undefined
      ? []
      : [
          baselineLines(baseline)
            .map(line => `- ${markdownText(line)}`)
            .join('\n'),
        ]),
  ].join('\n\n')
}

const gateRow = (
  check: GateCheck,
  { hasBaseline, isEmpty }: Record<'hasBaseline' | 'isEmpty', boolean>,
): readonly string[] => [
  markdownText(check.condition),
  markdownText(check.run),
  gateValue(check, check.value),
  ...(hasBaseline ? [check.kind === 'baseline' ? gateValue(check, check.baseline) : ''] : []),
  check.verdict === 'passed' && isEmpty ? '⛔ passed, but the run is INVALID' : verdictMarks[check.verdict],
  markdownText(check.reason),
]

const failureText = (results: readonly RunResult[]): string | undefined => {
  const found = results.flatMap(({ plan, failures }) => failures.map(failure => ({ run: plan.name, ...failure })))
  if (found.length === 0) return undefined
  const lines = found.slice(0, most.failures).map(({ run, kind, count, statusCode, example }) => {
    const status = statusCode === undefined ? '' : `, status ${statusCode}`
    return `- ${codeSpan(run)}: ${count} × ${kind}${status}: ${codeSpan(example)}`
  })
  const left = found.length - lines.length
  return ['### Failures\n', ...lines, ...(left > 0 ? [`- and ${left} more`] : [])].join('\n')
}

const placeText = ({ runs, outputPath }: CiReport): string | undefined => {
  if (outputPath === undefined) return undefined
  const { command, original } = runAgain(runs[0]?.arguments, outputPath)
  const again = original === undefined || original.length > longestCommand ? command : original
  return `Results: ${codeSpan(outputPath, longestCommand)}. Run again:\n\n${codeBlock('bash', plainLines(again))}`
}
