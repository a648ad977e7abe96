import { randomUUID } from 'node:crypto'
import type { Api } from '../apis/api.ts'
import { secretsOf } from '../arguments/secrets.ts'
import type { RecordSink } from '../model/record.ts'
import { inFlightLimit, type RunPlan } from '../model/run-plan.ts'
import { createTransport } from '../net/transport.ts'
import { BurstQueue } from './burst-queue.ts'
import { nowMs } from './clock.ts'
import { maySpin } from './cpu-quota.ts'
import type { ExchangeParts, ExchangeTrace } from './exchange.ts'
import { Gauge } from './gauge.ts'
import type { LoadWatch } from './load-watch.ts'
import { type PhaseParts, runMeasured, runWarmup } from './phases.ts'
import { Sleeper } from './sleeper.ts'
import type { ConversationSource } from './source.ts'
import type { StopSignals } from './stop.ts'
import { Watchdog } from './watchdog.ts'

/** The pieces that one run's load is made of. */
export interface LoadParts {
  readonly plan: RunPlan
  readonly api: Api
  readonly source: ConversationSource
  readonly sinks: readonly RecordSink[]
  readonly stop: StopSignals
  readonly watch: LoadWatch
  readonly trace: ExchangeTrace | undefined
  /** Hears how many prompts are ready, while they are made before the start. */
  readonly onPreparing: (ready: number) => void
  /** Called when the connections stand and the warm-up begins, where there is one. */
  readonly onWarmup: () => void
  /** Called when the clock of the measured requests starts. */
  readonly onStart: () => void
}

/** Sends the plan's requests in its load shape; every record goes to the sinks. Resolves when nothing is under way. */
export const runLoad = async (parts: LoadParts): Promise<void> => {
  const { plan, api, source, sinks, stop, watch, trace } = parts
  const { exchangeParts, cut, close: closeConnections } = openExchange(plan, api, trace)
  const close = (): void => source.close()
  const cutForStop = (): void => cut('cut off because the run was stopped')
  stop.draining.addEventListener('abort', close)
  stop.cutting.addEventListener('abort', cutForStop)
  try {
    await source.filled(stop.draining, parts.onPreparing)
    if (stop.draining.aborted) return
    const connect = (requests = Number.POSITIVE_INFINITY): Promise<void> =>
      openConnections(plan, Math.min(inFlightLimit(plan.load), requests), exchangeParts, stop)
    await connect(plan.warmupNumber > 0 ? plan.warmupNumber : plan.number)
    const phaseParts: PhaseParts = {
      plan,
      source,
      stop,
      cut,
      exchange: exchangeParts,
      settings: plan.request,
      sinks,
      sleeper: new Sleeper(maySpin()),
      requestIdPrefix: randomUUID().slice(0, 8),
    }
    if (plan.warmupNumber > 0) {
      parts.onWarmup()
      await runWarmup(phaseParts)
      // Those that waited for the slowest answer of the warm-up may have been closed meanwhile.
      await connect(plan.number)
    }
    if (stop.draining.aborted) return
    parts.onStart()
    await runMeasured({ ...phaseParts, exchange: { ...exchangeParts, gauge: watch.gauge } }, watch)
  } finally {
    stop.draining.removeEventListener('abort', close)
    stop.cutting.removeEventListener('abort', cutForStop)
    source.close()
    await closeConnections()
  }
}

/** A connect that falls into the measured time of a closed loop would be billed to the first requests. */
const openConnections = async (
  { target, load }: RunPlan,
  count: number,
  { transport }: ExchangeParts,
  { draining }: StopSignals,
): Promise<void> => {
  if (target.keepAlive && load.kind === 'closed') await transport.openConnections(count, draining)
}

/** The shared parts of a run's exchanges on connections of its own. */
export interface OpenExchange {
  readonly exchangeParts: ExchangeParts
  /** Ends all that is under way as cut off; `why` says by what. */
  readonly cut: (why: string) => void
  readonly close: () => Promise<void>
}

/** Makes the connections' owner and what else the exchanges of a run share. */
export const openExchange = (plan: RunPlan, api: Api, trace?: ExchangeTrace): OpenExchange => {
  const transport = createTransport(plan.target, nowMs)
  const exchangeParts: ExchangeParts = {
    api,
    transport,
    headers: plan.target.headers,
    secrets: secretsOf(plan.target.headers),
    timeouts: plan.target.timeouts,
    saveResponses: plan.saveResponses,
    burst: new BurstQueue(),
    watchdog: new Watchdog(nowMs),
    gauge: new Gauge(),
    trace,
  }
  const cut = (why: string): void => {
    for (const running of exchangeParts.watchdog.all()) running.cut('aborted', why)
  }
  return { exchangeParts, cut, close: () => transport.close() }
}
