import { hasSchedule, inFlightLimit, type RunPlan } from '../model/run-plan.ts'
import { type Arrivals, createArrivals, createDueCounter, recordedArrivals } from './arrivals.ts'
import { nowMs } from './clock.ts'
import { closedLoop } from './closed-loop.ts'
import { Gate } from './gate.ts'
import type { Hold, Holder, Phase } from './holder.ts'
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
  readonly holder: Holder
  readonly sleeper: Sleeper
}

/** The warm-up: the run's own shape, without ramp or deadline; over before anything is measured. */
export const runWarmup = async (parts: PhaseParts): Promise<void> => {
  const { source, stop, holder, sleeper } = parts
  const gate = new Gate(stop.draining)
  const plan = { ...parts.plan, number: parts.plan.warmupNumber, rampUpMs: 0 }
  const supply = limited(source, plan.warmupNumber)
  const hold = holder.begin('warmup', gate)
  await runShape({ plan, phase: 'warmup', source, supply, gate, hold, startMs: nowMs(), sleeper })
  gate.dispose()
}

/** The measured requests: nothing starts after the plan's duration, and the grace bounds what is then under way. */
export const runMeasured = async (parts: PhaseParts, watch: LoadWatch): Promise<void> => {
  const { plan, source, stop, holder, sleeper } = parts
  const { durationMs, graceMs } = plan
  const startMs = nowMs()
  const gate = new Gate(stop.draining, durationMs === undefined ? undefined : startMs + durationMs)
  // Who waits for a prompt need not have it any more.
  gate.onClosed(() => source.close())
  const graceIsOver = (): void =>
    holder.cut(`cut off: still under way --grace ${graceMs / 1000} s after --duration ${(durationMs ?? 0) / 1000} s`)
  // A timer may be a millisecond early; what starts in the slots it frees would never be cut.
  const timer =
    durationMs === undefined
      ? undefined
      : setTimeout(graceIsOver, Math.min(Math.ceil(durationMs + graceMs) + 1, longestTimerMs))
  try {
    const hold = holder.begin('measured', gate)
    await runShape({ plan, phase: 'measured', source, supply: source, gate, hold, startMs, sleeper, watch })
  } finally {
    clearTimeout(timer)
    gate.dispose()
  }
}

/** About 24 days; a timer set to more fires at once. */
const longestTimerMs = 2 ** 31 - 1

interface Shape {
  readonly plan: RunPlan
  readonly phase: Phase
  readonly source: ConversationSource
  readonly supply: Supply
  readonly gate: Gate
  readonly hold: Hold
  readonly startMs: number
  readonly sleeper: Sleeper
  readonly watch?: LoadWatch
}

const runShape = (shape: Shape): Promise<void> => {
  const { plan, startMs, watch } = shape
  const number = plan.number ?? Number.POSITIVE_INFINITY
  const cap = inFlightLimit(plan.load)
  const waits = watch?.waits
  if (!hasSchedule(plan.load)) {
    const pauses = watch?.pauses
    return closedLoop({ ...shape, waits, pauses, concurrency: Math.min(cap, number), rampUpMs: plan.rampUpMs })
  }
  const schedule = new ScheduleWatch(startMs, createDueCounter(arrivalsOf(shape), number))
  if (watch !== undefined) watch.schedule = schedule
  const arrivals = plan.load.kind === 'trace' ? undefined : arrivalsOf(shape)
  return pacedLoop({ ...shape, waits, arrivals, cap, watch: schedule })
}

/**
 * A fresh sequence of a phase's wanted times. Those of a trace count from the phase's own first record: the measured
 * records wait for the answers to the warm-up, however long these take, so the gap between the two cannot be kept;
 * all others are.
 */
const arrivalsOf = ({ plan, phase, source }: Shape): Arrivals => {
  const { load, rampUpMs, seed, warmupNumber } = plan
  if (load.pacing !== undefined) {
    return createArrivals({ pacing: load.pacing, rampUpMs, seed, stream: `${phase}-arrivals` })
  }
  return recordedArrivals(index => source.arrivalMs(index), phase === 'warmup' ? 0 : warmupNumber)
}
