import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { JsonObject, JsonValue } from '../model/json.ts'
import type { RunResult } from '../model/result.ts'
import { jsonFileText, percentileJson, summaryJson } from '../report/json.ts'

/** Writes `benchmark_args.json` before a run: what it was asked to do, secrets masked. */
export const writeArguments = (directory: string, args: JsonObject): void =>
  write(directory, 'benchmark_args.json', args)

/** Writes `benchmark_summary.json` and `benchmark_percentile.json` of a finished run. */
export const writeResult = (directory: string, result: RunResult): void => {
  write(directory, 'benchmark_summary.json', summaryJson(result))
  write(directory, 'benchmark_percentile.json', percentileJson(result))
}

const write = (directory: string, name: string, value: JsonValue): void =>
  writeFileSync(join(directory, name), jsonFileText(value))
