import type { Api } from '../apis/api.ts'
import type { RunPlan } from '../model/run-plan.ts'
import { createTransport } from '../net/transport.ts'
import { BodyPool } from './body-bytes.ts'
import { nowMs } from './clock.ts'
import { eventLoop } from './event-loop.ts'
import type { ExchangeParts, ExchangeTrace } from './exchange.ts'
import { Gauge } from './gauge.ts'
import { SelfDelays } from './self-delays.ts'
import { Watchdog } from './watchdog.ts'

/** The shared parts of a run's exchanges on connections of its own. */
export interface OpenExchange {
  readonly exchangeParts: ExchangeParts
  /** Ends all that is under way as cut off; `why` says by what. */
  readonly cut: (why: string) => void
  readonly close: () => Promise<void>
}

/** Makes the connections' owner and what else the exchanges of a run share. */
export const openExchange = (plan: RunPlan, api: Api, trace?: ExchangeTrace): OpenExchange => {
  const transport = createTransport(plan.target, nowMs, eventLoop)
  const exchangeParts: ExchangeParts = {
    api,
    transport,
    headers: plan.target.headers,
    secrets: plan.target.secrets,
    timeouts: plan.target.timeouts,
    saveResponses: plan.saveResponses,
    bodies: new BodyPool(),
    watchdog: new Watchdog(nowMs),
    gauge: new Gauge(),
    selfDelays: new SelfDelays(),
    trace,
  }
  const cut = (why: string): void => {
    for (const running of exchangeParts.watchdog.all()) running.cut('aborted', why)
  }
  return { exchangeParts, cut, close: () => transport.close() }
}
