import type { HealthSample } from '../model/health.ts'
import type { AnswerText, RequestRecord } from '../model/record.ts'
import type { RunPlan } from '../model/run-plan.ts'
import type { ClockSetup } from './clock.ts'
import type { Held, Wanted } from './converse.ts'
import type { GaugeMemory } from './gauge.ts'
import type { Phase } from './holder.ts'
import type { SourceItem } from './source.ts'

/** What a worker thread is started with. */
export interface ThreadSetup extends ClockSetup {
  readonly plan: RunPlan
  readonly requestIdPrefix: string
  readonly gauge: GaugeMemory
  /** Its number among the threads that count in that memory, from 0. */
  readonly thread: number
  /** Shared: not 0 from the moment that nothing new is to start, which no message could tell in time. */
  readonly stopFlag: Int32Array
}

/** What the load loops tell a worker thread, in this order: a conversation belongs to the phase begun last. */
export type Order =
  | { readonly kind: 'connect'; readonly count: number }
  | { readonly kind: 'begin'; readonly phase: Phase; readonly deadlineMs: number }
  | { readonly kind: 'hold'; readonly item: SourceItem; readonly wanted: Wanted }
  | { readonly kind: 'drain' }
  | { readonly kind: 'cut'; readonly why: string }
  | { readonly kind: 'close' }

/** A request that has ended. */
export interface Ended {
  readonly record: RequestRecord
  readonly answer: AnswerText | undefined
}

/** A conversation that is over. */
export interface Over extends Held {
  readonly index: number
}

/** What a worker thread tells; `happened` is all that came of one callback of its event loop. */
export type Report =
  | { readonly kind: 'ready' }
  | { readonly kind: 'connected' }
  | { readonly kind: 'health'; readonly sample: HealthSample }
  | { readonly kind: 'happened'; readonly ended: readonly Ended[]; readonly over: readonly Over[] }
