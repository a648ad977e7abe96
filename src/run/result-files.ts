import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
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
export const writeReport = (directory: string, report: string, name = 'performance_summary.txt'): string => {
  write(directory, 'definitions.json', definitionsJson())
  return writeFileText(join(directory, name), `${report}\n`)
}

/** The same beside the reports of earlier benchmarks in the directory: then it is `performance_summary_2.txt`. */
export const writeOwnReport = (directory: string, report: string): string => {
  const nameOf = (count: number): string => `performance_summary${count === 1 ? '' : `_${count}`}.txt`
  let count = 1
  while (existsSync(join(directory, nameOf(count)))) count++
  return writeReport(directory, report, nameOf(count))
}

const write = (directory: string, name: string, value: JsonValue): string =>
  writeFileText(join(directory, name), jsonFileText(value))

/**
 * Writes one file of results, the text or the bytes of a picture. Gives the path written; throws `OutputError` where the disk is full or the directory gone. The file is there as a whole
 * or, where there was one before, as that was; a link of its name is replaced, never written through.
 */
export const writeFileText = (path: string, text: string | Uint8Array): string => {
  const unfinished = join(dirname(path), `.${basename(path)}.tmp`)
  try {
    // Left by one who was killed while he wrote it; or a link, which would lead elsewhere.
    rmSync(unfinished, { force: true })
    writeFileSync(unfinished, text, { flag: 'wx' })
    renameSync(unfinished, path)
    return path
  } catch (error) {
    removeQuietly(unfinished)
    const reason = reasonOf(error).replaceAll(unfinished, path)
    throw new OutputError(`cannot write ${path}: ${reason}`, { cause: error })
  }
}

const removeQuietly = (path: string): void => {
  try {
    rmSync(path, { force: true })
  } catch {
    // The error before tells what is wrong here.
  }
}
