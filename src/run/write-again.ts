import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { OutputError } from '../errors.ts'
import { plainText } from '../plain-text.ts'
import { writePage } from './html-report.ts'
import { writePlots } from './pictures.ts'
import { writeArguments, writeReport, writeResult } from './result-files.ts'
import type { StoredBenchmark } from './stored-benchmark.ts'
import type { StoredRun } from './stored-run.ts'

/**
 * Writes the files of a benchmark that follow from its databases, beside these; `explained` is the report over all runs.
 * Of one run that was asked for, its files are written with a page of its own among them: those over all runs are not its
 * to change. What a run that is under way will write itself, or databases do not tell any more, is left. `say` hears of
 * that, and why nothing can be written.
 */
export const writeAgain = async (
  benchmark: StoredBenchmark,
  explained: string,
  say: (line: string) => void,
): Promise<void> => {
  const { runs, lostRuns, plannedRuns, outputPath, isOneRun, isMixed } = benchmark
  const [first] = runs
  const left = runs.filter(run => reasonToLeave(run) !== undefined)
  for (const run of left)
    say(plainText(`${basename(run.directory)} ${reasonToLeave(run)}: its files are left as they are`))
  try {
    for (const run of runs) if (!left.includes(run)) writeRun(run)
    if (first === undefined || left.length > 0) return
    if (isOneRun) return await writePageOfRun(first, outputPath, say)
    // The reports of several benchmarks in one directory are better than one over all.
    if (isMixed) say('these runs are of several benchmarks: the page and the report of each are left as they are')
    if (lostRuns > 0 || isMixed) return
    const directory = dirname(first.directory)
    writeReport(directory, explained)
    sayPage(await writePage(directory, runs, { outputPath, plannedRuns, say }), outputPath, say)
    const results = runs.map(({ result }) => result)
    if (results.length > 1) await writePlots(directory, results, say)
  } catch (error) {
    if (!(error instanceof OutputError)) throw error
    say(`${error.message}; no more files are written`)
  }
}

const writePageOfRun = async (run: StoredRun, benchmarkPath: string, say: (line: string) => void): Promise<void> => {
  const outputPath = join(benchmarkPath, basename(run.directory))
  sayPage(await writePage(run.directory, [run], { outputPath, plannedRuns: 1, say }), outputPath, say)
}

const sayPage = (path: string | undefined, outputPath: string, say: (line: string) => void): void => {
  if (path !== undefined) say(plainText(`page to open in a browser: ${join(outputPath, basename(path))}`))
}

const reasonToLeave = ({ state, isDamaged, directory }: StoredRun): string | undefined => {
  if (state === 'under way') return 'is still under way'
  // Those that were made of all rows are better.
  return isDamaged && existsSync(join(directory, 'benchmark_summary.json')) ? 'has a damaged database' : undefined
}

const writeRun = ({ directory, arguments: given, result }: StoredRun): void => {
  if (given !== undefined && !existsSync(join(directory, 'benchmark_args.json'))) writeArguments(directory, given)
  writeResult(directory, result)
}
