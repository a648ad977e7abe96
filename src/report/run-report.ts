import type { RunResult } from '../model/result.ts'
import { failureTable } from './failure-table.ts'
import { percentileTableText } from './percentile-table.ts'
import { speedTable } from './speed-table.ts'
import { summaryTable } from './summary-table.ts'
import { plainText } from './text.ts'
import { traceTableText } from './trace-table.ts'
import { usageTable } from './usage-table.ts'
import { verdictText } from './verdict-text.ts'
import { workloadText } from './workload-table.ts'

/** Where a report is printed. */
export interface RunReportContext {
  readonly dbPath: string
  /** Width of the terminal; undefined in a pipe or file. */
  readonly columns: number | undefined
}

/** All that is printed of one run, without a line break at the end. */
export const runReport = (result: RunResult, { dbPath, columns }: RunReportContext): string => {
  const { percentiles, failures, speed, notes, tokens, verdict } = result
  const usage = tokens && usageTable(tokens)
  const further = [traceTableText(result, columns), workloadText(result)].filter(text => text !== undefined)
  return [
    `Benchmarking summary:\n${summaryTable(result)}`,
    `Percentile results:\n${percentileTableText(percentiles, columns)}`,
    ...further,
    ...(failures.length > 0 ? [`Failures:\n${failureTable(failures, columns)}`] : []),
    ...(speed.length > 0 ? [`Speed Benchmark Results:\n${speedTable(speed)}`] : []),
    ...(usage === undefined ? [] : [`Usage against tokenizer:\n${usage}`]),
    verdictText(verdict),
    ...(notes.length > 0 ? [`Notes:\n${notes.map(note => `  • ${plainText(note)}`).join('\n')}`] : []),
    `Result DB path: ${plainText(dbPath)}`,
  ].join('\n\n')
}
