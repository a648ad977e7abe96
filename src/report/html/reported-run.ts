import type { HealthSample } from '../../model/health.ts'
import type { JsonObject } from '../../model/json.ts'
import type { RequestRecord, RequestTimes } from '../../model/record.ts'
import type { RunResult } from '../../model/result.ts'

/** One run as the page takes it in: a `StoredRun` is one. */
export interface ReportedRun {
  /** ISO 8601; undefined where nobody knows. */
  readonly startedAt: string | undefined
  /** As in `benchmark_args.json`, secrets masked. */
  readonly arguments: JsonObject | undefined
  readonly result: RunResult
  /** Times and tokens of all measured requests, in the order in which they ended. */
  times(): AsyncIterable<RequestTimes>
  /** Those of these requests with all that they hold, in the same order. */
  records(selection: {
    readonly requestIds: readonly string[]
    readonly withAnswers: true
  }): AsyncIterable<RequestRecord>
  health(): AsyncIterable<HealthSample>
}
