import type { Command } from 'commander'
import type { GateOptions } from './judge-again.ts'

/** What `evalscope report` is asked for. */
export interface ReportOptions extends GateOptions {
  readonly json?: true
  readonly definitions?: true
  /** As text, not yet checked. */
  readonly percentiles?: readonly string[]
  readonly junit?: string
  readonly markdown?: string
  /** False for `--no-write`. */
  readonly write: boolean
}

/** Adds `evalscope report`: the tables and files of a benchmark, made again out of its databases. */
export const addReportCommand = (
  program: Command,
  run: (path: string, options: ReportOptions) => Promise<void>,
): void => {
  program
    .command('report')
    .description('show a benchmark again, from its databases: also one that was killed or is under way')
    .argument('<directory>', 'of a benchmark, or of one of its runs; or a benchmark_data.db')
    .option('--percentiles <x...>', 'levels of the percentile table, beside min and max (default: those of the run)')
    .option('--json', 'one JSON document on stdout instead of tables')
    .option('--definitions', 'say what each figure means, below the report')
    .option('--goodput <objective...>', 'counts requests that keep these limits; writes no files, as the flags below')
    .option('--fail-if <condition...>', 'exit with 1 when any run has such a figure, as with perf --fail-if')
    .option('--baseline <path>', 'exit with 1 when a run is worse than the one of that benchmark at its load')
    .option('--tolerance <bounds...>', 'by how much figures may be worse, as with perf --tolerance')
    .option('--advisory', 'gates are judged and shown, without an effect on the exit code')
    .option('--junit <file>', 'writes JUnit XML, as perf --junit does')
    .option('--markdown <file>', 'writes the report as Markdown')
    .option('--no-write', 'leave the files as they are; otherwise all but the databases are written again')
    .action(run)
}
