import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { reasonOf } from '../errors.ts'
import type { JsonObject } from '../model/json.ts'
import type { RunResult } from '../model/result.ts'
import { page } from '../report/html/page.ts'
import { type PageContext, pageData } from '../report/html/page-data.ts'
import type { ReportedRun } from '../report/html/reported-run.ts'
import { writeFileText } from './result-files.ts'
import { storedHealth, storedRecords, storedTimes } from './stored-run.ts'

/** A run that has just been made, as the page takes it in. */
export interface MeasuredRun {
  readonly result: RunResult
  readonly startedAt: string
  readonly arguments: JsonObject
  readonly databasePath: string
}

/** Its requests are read from its database. */
export const reportedRun = ({ databasePath, ...run }: MeasuredRun): ReportedRun => ({
  ...run,
  records: selection => storedRecords(databasePath, selection),
  times: () => storedTimes(databasePath),
  health: () => storedHealth(databasePath),
})

/**
 * Writes `perf_report.html`, the page over all runs, and gives its path. A page that cannot be made costs one line, and
 * nothing that was measured.
 */
export const writePage = async (
  directory: string,
  runs: readonly ReportedRun[],
  { name = 'perf_report.html', say, ...context }: PageContext & { name?: string; say: (line: string) => void },
): Promise<string | undefined> => {
  try {
    return writeFileText(join(directory, name), page(await pageData(runs, context)))
  } catch (error) {
    say(`${name} is not written: ${reasonOf(error)}`)
    return undefined
  }
}

/** The same beside the pages of earlier benchmarks in the directory: then it is `perf_report_2.html`. */
export const writeOwnPage = (
  directory: string,
  runs: readonly ReportedRun[],
  context: PageContext & { say: (line: string) => void },
): Promise<string | undefined> => {
  const nameOf = (count: number): string => `perf_report${count === 1 ? '' : `_${count}`}.html`
  let count = 1
  while (existsSync(join(directory, nameOf(count)))) count++
  return writePage(directory, runs, { ...context, name: nameOf(count) })
}
