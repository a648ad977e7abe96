import type { JsonObject } from '../model/json.ts'

/** What a service is told of a benchmark when it begins; one run there, however many runs the sweep has. */
export interface FollowedBenchmark {
  readonly project: string
  /** `--name`, or the model and the time of the start. */
  readonly name: string
  /** All arguments, secrets masked. */
  readonly config: JsonObject
  /** Where the results go. */
  readonly directory: string
  readonly startedMs: number
}

/** The figures at one moment. */
export interface LoggedRow {
  readonly kind: 'row'
  /** Counts the rows of the whole sweep, from 0. */
  readonly step: number
  readonly epochMs: number
  readonly figures: Readonly<Record<string, number>>
}

/** What a run of the sweep came to. */
export interface LoggedSummary {
  readonly kind: 'summary'
  /** Its directory's name, `parallel_10_number_100`. */
  readonly run: string
  readonly step: number
  readonly epochMs: number
  readonly figures: Readonly<Record<string, number>>
}

/** A table of a run of the sweep. */
export interface LoggedTable {
  readonly kind: 'table'
  readonly run: string
  readonly title: string
  readonly step: number
  readonly epochMs: number
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | number | null)[])[]
}

/** One thing that a service is to keep. */
export type Logged = LoggedRow | LoggedSummary | LoggedTable

/**
 * Speaks to one service. Every method may be called again after it failed, and then does what is left; it throws
 * `ServiceRefusal` where trying again is of no use.
 */
export interface VisualizerClient {
  /** As messages name it. */
  readonly service: string
  /** Makes sure that the service is there and takes the key. */
  logIn(signal: AbortSignal): Promise<void>
  /** Begins the run there; tells where to look at it. */
  begin(benchmark: FollowedBenchmark, signal: AbortSignal): Promise<string | undefined>
  /** Sends all of it; tells what the service does not take of it, and did without. */
  send(batch: readonly Logged[], signal: AbortSignal): Promise<string | undefined>
  /** Ends the run there. */
  finish(isComplete: boolean, signal: AbortSignal): Promise<void>
  /** Lets go of connections and processes. */
  close(): void
}

/** A service says no, and would again. */
export class ServiceRefusal extends Error {
  override readonly name = 'ServiceRefusal'
}
