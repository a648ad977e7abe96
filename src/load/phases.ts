import type { RecordSink } from '../model/record.ts'
import { inFlightLimit, type RequestSettings, type RunPlan } from '../model/run-plan.ts'
import { type ArrivalSettings, createArrivals, createDueCounter } from './arrivals.ts'
import { nowMs } from './clock.ts'
import { closedLoop } from './closed-loop.ts'
import type { ConverseParts } from './converse.ts'
import type { ExchangeParts } from './exchange.ts'
import { Gate } from './gate.ts'
import { type LoadWatch, ScheduleWatch } from './load-watch.ts'
import { pacedLoop } from './paced-loop.ts'
import type { Sleeper } from './sleeper.ts'
import { type ConversationSource, limited, type Supply } from './source.ts'
import type { StopSignals } from './stop.ts'

/** What both phases of a run share. */
export interface PhaseParts {
  readonly plan: RunPlan
  readonly source: ConversationSource
  readonly stop: StopSignals
  readonly cut: (why: string) => void
  readonly exchange: ExchangeParts
  readonly settings: RequestSettings
  readonly sinks: readonly RecordSink[]
  readonly sleeper: Sleeper
  readonly requestIdPrefix: string
}

/** The warm-up: the run's own shape, without ramp or deadline; over before anything is measured. */
export const runWarmup = async (parts: PhaseParts): Promise<void> => {
  const { plan, source, stop } = parts
  const gate = new Gate(stop.draining)
  const shape = { plan: { ...plan, number: plan.warmupNumber, rampUpMs: 0 }, startMs: nowMs() }
  await runShape(shape, limited(source, plan.warmupNumber), parts, conversing(parts, 'warmup', gate))
  gate.dispose()
}

/** The measured requests: nothing starts after the plan's duration, and the grace bounds what is then under way. */
export const runMeasured = async (parts: PhaseParts, watch: LoadWatch): Promise<void> => {
  const { plan, source, stop, cut } = parts
  const { durationMs, graceMs } = plan
  const startMs = nowMs()
  const gate = new Gate(stop.draining, durationMs === undefined ? undefined : startMs + durationMs)
  // Who waits for a prompt need not have it any more.
  gate.onClosed(() => source.close())
  const graceIsOver = (): void =>
    cut(`cut off: still under way --grace ${graceMs / 1000} s after --duration ${(durationMs ?? 0) / 1000} s`)
  // A timer may be a millisecond early; what starts in the slots it frees would never be cut.
  const timer =
    durationMs === undefined
      ? undefined
      : setTimeout(graceIsOver, Math.min(Math.ceil(durationMs + graceMs) + 1, longestTimerMs))
  try {
    await runShape({ plan, startMs, watch }, source, parts, conversing(parts, 'measured', gate))
  } finally {
    clearTimeout(timer)
    gate.dispose()
  }
}

/** About 24 days; a timer set to more fires at once. */
const longestTimerMs = 2 ** 31 - 1

interface Shape {
  readonly plan: RunPlan
  readonly startMs: number
  readonly watch?: LoadWatch
}

const runShape = (
  { plan, startMs, watch }: Shape,
  supply: Supply,
  { sleeper }: PhaseParts,
  parts: ConverseParts,
): Promise<void> => {
  const { load, rampUpMs, seed } = plan
  const number = plan.number ?? Number.POSITIVE_INFINITY
  const cap = inFlightLimit(load)
  if (load.pacing === undefined) {
    return closedLoop({ supply, startMs, concurrency: Math.min(cap, number), rampUpMs, sleeper }, parts)
  }
  const settings: ArrivalSettings = { pacing: load.pacing, rampUpMs, seed, stream: `${parts.phase}-arrivals` }
  const schedule = new ScheduleWatch(startMs, createDueCounter(settings, number))
  if (watch !== undefined) watch.schedule = schedule
  return pacedLoop({ supply, startMs, arrivals: createArrivals(settings), cap, watch: schedule, sleeper }, parts)
}

const conversing = (parts: PhaseParts, phase: ConverseParts['phase'], gate: Gate): ConverseParts => ({
  exchange: parts.exchange,
  settings: parts.settings,
  sinks: parts.sinks,
  phase,
  gate,
  requestIdPrefix: parts.requestIdPrefix,
})
