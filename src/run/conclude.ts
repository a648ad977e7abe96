import type { Arguments } from '../arguments/arguments.ts'
import type { GateOutcome } from '../model/gate.ts'
import type { RunResult } from '../model/result.ts'
import { withDefinitions } from '../report/definitions.ts'
import { sweepReport } from '../report/sweep-report.ts'
import { gateOutcome } from '../stats/gates.ts'
import { type Host, Stopped } from './host.ts'
import { type MeasuredRun, reportedRun, writeOwnPage } from './html-report.ts'
import type { Log } from './log.ts'
import { writeOwnPlots } from './pictures.ts'
import { problemOf } from './problem-of.ts'
import { writeOwnReport } from './result-files.ts'

/** All runs of a benchmark. */
export interface FoundRuns {
  readonly results: readonly RunResult[]
  readonly measured: readonly MeasuredRun[]
  readonly outputPath: string
  readonly plannedRuns: number
  readonly problem: Error | undefined
}

interface Surroundings {
  readonly args: Arguments
  readonly host: Host
  readonly log: Log
  readonly say: (line: string) => void
}

/**
 * Shows and writes the reports over all runs, and tells what became of the gates; `answer` goes below the tables. Without
 * any run it throws what kept them from being made, or `Stopped`.
 */
export const conclude = async (
  { results, measured, outputPath, plannedRuns, problem }: FoundRuns,
  { args, host, log, say }: Surroundings,
  answer?: (columns: number | undefined) => string,
): Promise<FoundRuns & { readonly gates: GateOutcome | undefined }> => {
  if (results.length === 0) throw problem ?? new Stopped()
  // A search says itself what is best.
  const isAdvising = answer === undefined
  const reportFor = (columns: number | undefined): string => {
    const report = sweepReport(results, { outputPath, plannedRuns, columns, isAdvising })
    return answer === undefined ? report : `${report}\n\n\n${answer(columns)}`
  }
  const explained = withDefinitions(reportFor(undefined), results)
  const shown = reportFor(host.columns)
  host.print(`${args.values.definitions ? withDefinitions(shown, results) : shown}\n`)
  const unwritten = problemOf(() => log.info(`Performance summary saved to: ${writeOwnReport(outputPath, explained)}`))
  const context = { outputPath, plannedRuns, isAdvising, say }
  const pagePath = unwritten ? undefined : await writeOwnPage(outputPath, measured.map(reportedRun), context)
  if (pagePath !== undefined) say(`page to open in a browser: ${pagePath}`)
  const isPlotted = unwritten === undefined && (results.length > 1 || host.plotsOneLoad)
  const plotPaths = isPlotted ? await writeOwnPlots(outputPath, results, say) : []
  if (plotPaths.length > 0) log.info(`Plots saved to: ${plotPaths.join(', ')}`)
  return { results, measured, outputPath, plannedRuns, gates: gateOutcome(results), problem: problem ?? unwritten }
}
