import { randomUUID } from 'node:crypto'
import type { Api } from '../apis/api.ts'
import { StalledError, TargetUnreachableError } from '../errors.ts'
import type { HealthSample } from '../model/health.ts'
import type { RecordSink } from '../model/record.ts'
import { inFlightLimit, type RunPlan } from '../model/run-plan.ts'
import { collectGarbage } from './collect-garbage.ts'
import { maySpin } from './cpu-quota.ts'
import type { ExchangeTrace } from './exchange.ts'
import { createHolder, type Holder } from './holder.ts'
import { type GuardLimits, LoadGuard } from './load-guard.ts'
import type { LoadWatch } from './load-watch.ts'
import { runMeasured, runWarmup } from './phases.ts'
import { Sleeper } from './sleeper.ts'
import type { ConversationSource } from './source.ts'
import { linkStop, type StopSignals } from './stop.ts'
import { within } from './within.ts'
import { startWorkerPool } from './worker-pool.ts'

/** The pieces that one run's load is made of. */
export interface LoadParts {
  readonly plan: RunPlan
  readonly api: Api
  readonly source: ConversationSource
  readonly sinks: readonly RecordSink[]
  readonly stop: StopSignals
  readonly watch: LoadWatch
  /** Hears what the threads observed of themselves while requests were measured. */
  readonly onHealth: (sample: HealthSample) => void
  /** Hears only of what this thread sends: a plan with a trace has one worker. */
  readonly trace: ExchangeTrace | undefined
  /** Hears how many prompts are ready, while they are made before the start. */
  readonly onPreparing: (ready: number) => void
  /** Called when the connections stand and the warm-up begins, where there is one. */
  readonly onWarmup: () => void
  /** Called when the clock of the measured requests starts. */
  readonly onStart: () => void
  /** Called when so many requests are all that is left of the run, or its warm-up, and none has ended for a minute. */
  readonly onLinger?: ((underWay: number) => void) | undefined
  /** Others than the usual ones, for tests. */
  readonly guardLimits?: GuardLimits | undefined
}

/** Closing takes no time where all is well. */
const closeLimitMs = 10_000

/**
 * Sends the plan's requests in its load shape; every record goes to the sinks. Resolves when nothing is under way, with
 * the error that ended the load before its time, where there was one: a worker thread was lost, the server was gone, or
 * the load stood still. What had ended is measured all the same.
 */
export const runLoad = async (parts: LoadParts): Promise<Error | undefined> => {
  const { source } = parts
  const stop = linkStop(parts.stop)
  let lost: Error | undefined
  const end = (error: Error): void => {
    lost ??= error
    stop.end(error)
  }
  const close = (): void => source.close()
  stop.draining.addEventListener('abort', close)
  const { plan, watch, onLinger, guardLimits: limits } = parts
  const guard = new LoadGuard({ plan, source, gauge: watch.gauge, end, onLinger, limits })
  try {
    const holder = await openHolder(guarded(parts, guard), stop, end)
    const cut = (): void => holder.cut(`cut off because ${reasonFor(lost)}`)
    stop.cutting.addEventListener('abort', cut)
    try {
      await Promise.race([runPhases(parts, stop, guard.watched(holder)), guard.givenUp])
    } finally {
      source.close()
      await within(holder.close(), closeLimitMs)
    }
  } finally {
    guard.close()
    source.close()
    stop.unlink()
  }
  return lost
}

/** What ended the load before its time, as the records of those that were cut off, and the verdict, tell it. */
export const reasonFor = (lost: Error | undefined): string => {
  if (lost === undefined) return 'the run was stopped'
  if (lost instanceof TargetUnreachableError) return 'the server was gone'
  return lost instanceof StalledError ? 'the load stood still' : 'a worker thread was lost'
}

/** The parts of a load whose guard hears of all that happens. */
const guarded = (parts: LoadParts, guard: LoadGuard): LoadParts => ({
  ...parts,
  sinks: [...parts.sinks, guard],
  onHealth: sample => {
    guard.hear(sample)
    parts.onHealth(sample)
  },
})

/** Connections, then the warm-up, then the clock. */
const runPhases = async (parts: LoadParts, stop: StopSignals, holder: Holder): Promise<void> => {
  const { plan, source, watch } = parts
  await source.filled(stop.draining, parts.onPreparing)
  if (stop.draining.aborted) return
  collectGarbage()
  await connect(plan, holder, plan.warmupNumber > 0 ? plan.warmupNumber : plan.number)
  const phaseParts = { plan, source, stop, holder, sleeper: new Sleeper(maySpin()) }
  if (plan.warmupNumber > 0) {
    parts.onWarmup()
    await runWarmup(phaseParts)
    collectGarbage()
    // Those that waited for the slowest answer of the warm-up may have been closed meanwhile.
    await connect(plan, holder, plan.number)
  }
  if (stop.draining.aborted) return
  parts.onStart()
  await runMeasured(phaseParts, watch)
}

/** A connect that falls into the measured time of a closed loop would be billed to the first requests. */
const connect = async (
  { target, load }: RunPlan,
  holder: Holder,
  requests = Number.POSITIVE_INFINITY,
): Promise<void> => {
  if (target.keepAlive && load.kind === 'closed') await holder.connect(Math.min(inFlightLimit(load), requests))
}

/** With one worker that is this thread: none is started. */
const openHolder = async (
  { plan, api, sinks, watch, onHealth, trace }: LoadParts,
  { draining }: StopSignals,
  onLost: (error: Error) => void,
): Promise<Holder> => {
  const shared = { plan, sinks, gauge: watch.gauge, requestIdPrefix: randomUUID().slice(0, 8), draining }
  if (plan.workers > 1) return startWorkerPool({ ...shared, onLost, onHealth })
  return createHolder({ ...shared, api, trace, health: { thread: 1, tellsProcess: true, onSample: onHealth } })
}
