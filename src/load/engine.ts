import { randomUUID } from 'node:crypto'
import type { Api } from '../apis/api.ts'
import { secretsOf } from '../arguments/secrets.ts'
import type { RecordSink } from '../model/record.ts'
import type { RunPlan } from '../model/run-plan.ts'
import { createTransport } from '../net/transport.ts'
import { BurstQueue } from './burst-queue.ts'
import { nowMs } from './clock.ts'
import { closedLoop } from './closed-loop.ts'
import type { ExchangeParts, ExchangeTrace } from './exchange.ts'
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
  readonly trace: ExchangeTrace | undefined
  /** Hears how many prompts are ready, while they are made before the start. */
  readonly onPreparing: (ready: number) => void
  /** Called when the connections stand and the clock starts. */
  readonly onStart: () => void
}

/** Sends the plan's requests in its load shape; every record goes to the sinks. Resolves when nothing is under way. */
export const runLoad = async (parts: LoadParts): Promise<void> => {
  const { plan, api, source, sinks, stop, trace } = parts
  const { exchangeParts, cut, close: closeConnections } = openExchange(plan, api, trace)
  const close = (): void => source.close()
  stop.draining.addEventListener('abort', close)
  stop.cutting.addEventListener('abort', cut)
  try {
    await source.filled(stop.draining, parts.onPreparing)
    if (stop.draining.aborted) return
    const concurrency = Math.min(plan.load.concurrency, plan.number)
    // A connect that falls into the measured time would be billed to the first requests.
    if (plan.target.keepAlive) await exchangeParts.transport.openConnections(concurrency, stop.draining)
    parts.onStart()
    await closedLoop(source, concurrency, stop.draining, {
      exchange: exchangeParts,
      settings: plan.request,
      sinks,
      phase: 'measured',
      draining: stop.draining,
      requestIdPrefix: randomUUID().slice(0, 8),
    })
  } finally {
    stop.draining.removeEventListener('abort', close)
    stop.cutting.removeEventListener('abort', cut)
    source.close()
    await closeConnections()
  }
}

/** The shared parts of a run's exchanges on connections of its own; `cut` ends what is under way, `close` those. */
export const openExchange = (
  plan: RunPlan,
  api: Api,
  trace?: ExchangeTrace,
): { readonly exchangeParts: ExchangeParts; readonly cut: () => void; readonly close: () => Promise<void> } => {
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
    trace,
  }
  return { exchangeParts, cut: () => cutAll(exchangeParts), close: () => transport.close() }
}

const cutAll = ({ watchdog }: ExchangeParts): void => {
  for (const running of watchdog.all()) running.cut('aborted', 'cut off because the run was stopped')
}
