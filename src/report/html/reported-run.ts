import type { HealthSample } from '../../model/health.ts'
import type { JsonObject } from '../../model/json.ts'
import type { RequestRecord } from '../../model/record.ts'
import type { RunResult } from '../../model/result.ts'

/** One run as the page takes it in: a `StoredRun` is one. */
export interface ReportedRun {
  /** ISO 8601; undefined where nobody knows. */
  readonly startedAt: string | undefined
  /** As in `benchmark_args.json`, secrets masked. */
  readonly arguments: JsonObject | undefined
  readonly result: RunResult
  /** Measured requests in the order in which they ended; texts only where they are asked for. */
  records(selection: ReportedRecords): AsyncIterable<RequestRecord>
  health(): AsyncIterable<HealthSample>
}

/** What is read of the requests. */
export interface ReportedRecords {
  /** Only these requests; default: all. */
  readonly requestIds?: readonly string[]
  /** Answers; default: without. */
  readonly withAnswers?: boolean
  /** Bodies; default: with them. */
  readonly withBodies?: boolean
}
