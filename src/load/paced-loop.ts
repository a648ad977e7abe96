import type { Arrivals } from './arrivals.ts'
import { nowMs } from './clock.ts'
import type { Gate } from './gate.ts'
import type { Hold } from './holder.ts'
import type { ScheduleWatch } from './load-watch.ts'
import type { PromptWaits } from './prompt-waits.ts'
import type { Sleeper } from './sleeper.ts'
import { Slots } from './slots.ts'
import type { SourceItem, Supply } from './source.ts'

/** What a paced load is made of. */
export interface PacedLoad {
  readonly supply: Supply
  readonly gate: Gate
  readonly hold: Hold
  readonly startMs: number
  /** Undefined where conversations bring their times along: the first of them is then wanted at `startMs`. */
  readonly arrivals: Arrivals | undefined
  /** Conversations at once; infinite in an open loop. */
  readonly cap: number
  readonly watch: ScheduleWatch
  readonly sleeper: Sleeper
  /** Takes how long requests waited for prompts past their times. */
  readonly waits?: PromptWaits | undefined
}

/**
 * Starts each conversation at its wanted time, late ones at once: whatever the answers do in an open loop, as soon as
 * one of `cap` slots is free in a closed one. Ends with the supply or the gate; resolves when the last is over.
 */
export const pacedLoop = async (load: PacedLoad): Promise<void> => {
  const { gate, hold, cap, watch, sleeper, waits } = load
  const slots = new Slots(cap)
  gate.onClosed(() => {
    sleeper.wake()
    slots.wake()
  })
  const next = load.arrivals === undefined ? nextRecorded(load) : nextDrawn(load, load.arrivals)
  let bug: { readonly error: unknown } | undefined
  while (!gate.isClosed && bug === undefined) {
    const departure = await next()
    if (departure === undefined) break
    const { item, dueMs, promptWaitMs } = departure
    // While all slots were taken it waited for one of them.
    if (!slots.isFull) waits?.add(promptWaitMs)
    // Overdue ones leave one a turn of the event loop, because undici writes a turn after its dispatch.
    await (nowMs() < dueMs ? sleeper.until(dueMs) : nextTurn())
    while (slots.isFull && !gate.isClosed) await slots.change()
    if (gate.isClosed || bug !== undefined) break
    const slotWaitMs = cap === Number.POSITIVE_INFINITY ? undefined : slots.fullSince(dueMs)
    slots.take(nowMs())
    hold(item, { scheduledMs: dueMs, slotWaitMs }).then(
      ({ freeMs }) => slots.release(freeMs),
      (error: unknown) => {
        bug ??= { error }
        sleeper.wake()
        slots.release(nowMs())
      },
    )
    watch.left(nowMs())
  }
  watch.finished(Math.min(nowMs(), gate.deadlineMs))
  while (!slots.isEmpty && bug === undefined) await slots.change()
  if (bug !== undefined) throw bug.error
}

/** Who leaves next, and when it is wanted. */
interface Departure {
  readonly item: SourceItem
  readonly dueMs: number
  /** How long it waited for its prompt once it was wanted. */
  readonly promptWaitMs: number
}

/** Tells who leaves next; undefined where nobody does any more. */
type NextDeparture = () => Promise<Departure | undefined>

const nextDrawn =
  ({ supply, gate, startMs, watch }: PacedLoad, arrivals: Arrivals): NextDeparture =>
  async () => {
    const dueMs = startMs + arrivals.next()
    if (dueMs >= gate.deadlineMs) return undefined
    watch.wanted(dueMs)
    // Taken before its time, so that a prompt that is still being made costs as little lateness as can be.
    const taken = supply.take()
    const item = await taken
    return item && { item, dueMs, promptWaitMs: waitSince(dueMs, taken) }
  }

const nextRecorded = ({ supply, gate, startMs, watch }: PacedLoad): NextDeparture => {
  let firstMs: number | undefined
  return async () => {
    const taken = supply.take()
    const item = await taken
    if (item === undefined) return undefined
    // A conversation that names no time comes with the first.
    const arrivalMs = item.conversation.arrivalMs ?? firstMs ?? 0
    firstMs ??= arrivalMs
    const dueMs = startMs + arrivalMs - firstMs
    if (dueMs >= gate.deadlineMs) return undefined
    watch.wanted(dueMs)
    return { item, dueMs, promptWaitMs: waitSince(dueMs, taken) }
  }
}

/** How late it is for one that was not ready when it was asked for. */
const waitSince = (dueMs: number, taken: ReturnType<Supply['take']>): number =>
  taken instanceof Promise ? nowMs() - dueMs : 0

const nextTurn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))
