import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { OutputError, reasonOf } from '../errors.ts'
import type { JsonObject, JsonValue } from '../model/json.ts'
import type { RunResult } from '../model/result.ts'
import { definitionsJson } from '../report/definitions.ts'
import { jsonFileText, percentileJson, summaryJson } from '../report/json.ts'
import { traceSummaryJson } from '../report/trace-json.ts'
import { workloadThroughputJson, workloadTimelineJson } from '../report/workload-json.ts'

/** Writes `benchmark_args.json` before a run: what it was asked to do, secrets masked. */
export const writeArguments = (directory: string, args: JsonObject): string =>
  write(directory, 'benchmark_args.json', args)

/**
 * Writes `benchmark_summary.json` and `benchmark_percentile.json` of a finished run and, when it has a success,
 * `workload_throughput.json` and `workload_timeline.json`; where a conversation has several turns, `trace_summary.json`.
 */
export const writeResult = (directory: string, result: RunResult): void => {
  write(directory, 'benchmark_summary.json', summaryJson(result))
  write(directory, 'benchmark_percentile.json', percentileJson(result))
  const traces = traceSummaryJson(result)
  if (traces !== undefined) write(directory, 'trace_summary.json', traces)
  const [throughput, timeline] = [workloadThroughputJson(result), workloadTimelineJson(result)]
  if (throughput === undefined || timeline === undefined) return
  write(directory, 'workload_throughput.json', throughput)
  write(directory, 'workload_timeline.json', timeline)
}

/**
 * Writes `performance_summary.txt`, the report over all runs with what its figures mean, and `definitions.json` for those
 * of all files.
 */
export const writeReport = (directory: string, report: string): string => {
  write(directory, 'definitions.json', definitionsJson())
  return writeText(join(directory, 'performance_summary.txt'), `${report}\n`)
}

const write = (directory: string, name: string, value: JsonValue): string =>
  writeText(join(directory, name), jsonFileText(value))

/** Gives the path written; throws `OutputError` where the disk is full or the directory gone. */
const writeText = (path: string, text: string): string => {
  try {
    writeFileSync(path, text)
    return path
  } catch (error) {
    throw new OutputError(`cannot write ${path}: ${reasonOf(error)}`, { cause: error })
  }
}
