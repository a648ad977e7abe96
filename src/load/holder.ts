import type { Api } from '../apis/api.ts'
import type { RecordSink, RequestRecord } from '../model/record.ts'
import type { RunPlan } from '../model/run-plan.ts'
import { converse, type Held, type Wanted } from './converse.ts'
import type { ExchangeTrace } from './exchange.ts'
import type { Gate } from './gate.ts'
import type { Gauge } from './gauge.ts'
import { type HealthSettings, HealthWatch } from './health-watch.ts'
import { openExchange } from './open-exchange.ts'
import type { SourceItem } from './source.ts'

/** Holds one conversation; resolves when its slot is free again. */
export type Hold = (item: SourceItem, wanted: Wanted) => Promise<Held>

/** The two phases of a run. */
export type Phase = RequestRecord['phase']

/** Whoever holds the conversations that a load loop starts: this thread, or several others. */
export interface Holder {
  /** Opens connections ahead of need, until `count` stand idle or the run is to end. */
  connect(count: number): Promise<void>
  /** What holds the conversations of a phase; no request starts once `gate` is closed. One phase at a time. */
  begin(phase: Phase, gate: Pick<Gate, 'isClosed' | 'deadlineMs'>): Hold
  /** Ends all that is under way as cut off; `why` says by what. */
  cut(why: string): void
  close(): Promise<void>
}

/** What a thread needs to hold conversations. */
export interface HolderParts {
  readonly plan: RunPlan
  readonly api: Api
  readonly sinks: readonly RecordSink[]
  /** Counts the measured requests. */
  readonly gauge: Gauge
  /** Where this thread is to be observed while it holds measured ones. */
  readonly health?: HealthSettings | undefined
  readonly trace: ExchangeTrace | undefined
  /** Told apart in the server's logs from requests of other runs. */
  readonly requestIdPrefix: string
  /** Fires when nothing new is to start. */
  readonly draining: AbortSignal
}

/** Holds conversations in this thread, on connections of its own. */
export const createHolder = (parts: HolderParts): Holder => {
  const { plan, api, sinks, gauge, health, trace, requestIdPrefix, draining } = parts
  const { exchangeParts, cut, close } = openExchange(plan, api, trace)
  const { selfDelays, transport } = exchangeParts
  const watch = health && new HealthWatch(health, { selfDelays, counts: () => transport.counts() })
  return {
    connect: count => transport.openConnections(count, draining),
    begin: (phase, gate) => {
      if (phase === 'measured') watch?.start()
      const exchange = phase === 'measured' ? { ...exchangeParts, gauge } : exchangeParts
      const conversing = { exchange, settings: plan.request, sinks, phase, gate, requestIdPrefix, draining }
      return (item, wanted) => converse(item, wanted, conversing)
    },
    cut,
    close: () => {
      watch?.stop()
      return close()
    },
  }
}
