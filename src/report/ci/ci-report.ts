import type { GateOutcome } from '../../model/gate.ts'
import type { JsonObject } from '../../model/json.ts'
import type { RunResult } from '../../model/result.ts'
import type { SlaOutcome } from '../../stats/sla/outcome.ts'

/** One run as CI is told of it: a `StoredRun` is one. */
export interface CiRun {
  /** ISO 8601; undefined where nobody knows. */
  readonly startedAt: string | undefined
  /** As in `benchmark_args.json`, secrets masked. */
  readonly arguments: JsonObject | undefined
  readonly result: RunResult
}

/** What CI is told of a benchmark: all that its files, the step summary and the annotations are made of. */
export interface CiReport {
  /** In the order in which they were made; none where nothing was measured. */
  readonly runs: readonly CiRun[]
  /** Runs that were to be made. */
  readonly plannedRuns: number
  /** Where the results stand; undefined where there are none. */
  readonly outputPath: string | undefined
  /** Undefined without gates. */
  readonly gates: GateOutcome | undefined
  /** What a search came to, whose values the runs are: only those that it found are judged. */
  readonly sla?: SlaOutcome | undefined
  /** A line on what these runs are part of, which is not told here; undefined where they are a whole benchmark. */
  readonly note?: string | undefined
  /** `--strict`: a run that is not VALID does not pass. */
  readonly isStrict: boolean
  /** Ended by Ctrl-C, SIGTERM or the program around it. */
  readonly isInterrupted: boolean
  /** What went wrong beside failing requests, without secrets. */
  readonly problem: string | undefined
}
