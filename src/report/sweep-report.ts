import type { RunResult } from '../model/result.ts'
import { hasOutputTokens } from '../model/run-plan.ts'
import { gateOutcome } from '../stats/gates.ts'
import { basicInformation, boxWidth, pairBox } from './basic-information.ts'
import { gateText } from './gate-table.ts'
import { overviewTable } from './overview-table.ts'
import { perRequestTable } from './per-request-table.ts'
import { promptTable } from './prompt-table.ts'
import { bestConfiguration, byLoad, isUsable, recommendations } from './recommendations.ts'
import { boxTable } from './table.ts'
import { perTraceTable } from './trace-table.ts'
import { unfinishedText } from './unfinished.ts'
import { sweepVerdictText } from './verdict-text.ts'
import { workloadTable } from './workload-table.ts'

const rounded = { 'top-left': '╭', 'top-right': '╮', 'bottom-left': '╰', 'bottom-right': '╯' }

/** What the report tells beside the runs. */
export interface SweepReportContext {
  readonly outputPath: string
  /** Runs that were to be made; as many as there are results by default. */
  readonly plannedRuns?: number
  /** Width of the terminal; undefined in a pipe or file. */
  readonly columns?: number | undefined
  /** Whether to say which run is best and what to do; yes by default. */
  readonly isAdvising?: boolean
}

/**
 * The report over all runs of a sweep, printed after the last and kept in `performance_summary.txt`: at most 120
 * columns or, as far as tables can be split, those of the terminal, no colour, no line break at the end. Empty without
 * runs.
 */
export const sweepReport = (results: readonly RunResult[], context: SweepReportContext): string => {
  if (results.length === 0) return ''
  const { outputPath, plannedRuns, columns, isAdvising = true } = context
  const runs = byLoad(results)
  const isGenerating = runs.every(({ plan }) => hasOutputTokens(plan.task))
  const name = isGenerating ? 'Performance Test Summary Report' : 'Embedding/Rerank Performance Test Summary'
  const title = boxTable({ rows: [[name]], colWidths: [boxWidth(columns) - 2], chars: rounded })
  const tables = isGenerating
    ? [overviewTable, perRequestTable, perTraceTable, workloadTable].map(tableOf => tableOf(runs, columns))
    : [promptTable(runs, columns), fromSchedule(runs, columns)]
  const parts = [
    ...tables,
    sweepVerdictText(runs),
    isAdvising ? conclusions(runs, columns) : undefined,
    unfinished(runs, plannedRuns),
    gates(results, columns),
  ].filter(text => text !== undefined)
  return [`${title}\n\nBasic Information:\n${basicInformation(runs, outputPath, columns)}`, ...parts].join('\n\n\n')
}

/** Latencies on both clocks, where loads have a schedule: counted from sending alone they may hide the worst. */
const fromSchedule = (runs: readonly RunResult[], columns: number | undefined): string | undefined =>
  runs.some(({ summary }) => summary.schedule !== undefined) ? perRequestTable(runs, columns) : undefined

/** What became of them, in the order of the runs; undefined where none was asked for. */
const gates = (results: readonly RunResult[], columns: number | undefined): string | undefined => {
  const outcome = gateOutcome(results)
  return outcome && gateText(outcome, columns)
}

const unfinished = (runs: readonly RunResult[], plannedRuns?: number): string | undefined => {
  const text = unfinishedText(runs, plannedRuns)
  return text === undefined ? undefined : `Notes:\n  • ${text}`
}

const conclusions = (runs: readonly RunResult[], columns: number | undefined): string | undefined => {
  const choice = bestText(runs, columns)
  const advice = recommendations(runs)
  const parts = [
    ...(choice === undefined ? [] : [`Best Performance Configuration:\n${choice}`]),
    ...(advice.length > 0 ? [`Performance Recommendations:\n${advice.map(line => `  • ${line}`).join('\n')}`] : []),
  ]
  return parts.length === 0 ? undefined : parts.join('\n\n')
}

/** Undefined where no request of any run succeeded: there is nothing to choose among. */
const bestText = (runs: readonly RunResult[], columns: number | undefined): string | undefined => {
  const best = bestConfiguration(runs)
  if (best.length > 0) return pairBox(best, columns)
  if (runs.some(isUsable) || runs.every(({ summary }) => summary.requestsPerSec === undefined)) return undefined
  return `  • none: ${runs.length === 1 ? 'the run is' : 'all runs are'} INVALID, for the reasons above`
}
