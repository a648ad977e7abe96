import { setImmediate as nextTurn } from 'node:timers/promises'
import { Backoff } from './backoff.ts'
import { nowMs } from './clock.ts'
import type { Gate } from './gate.ts'
import type { Hold } from './holder.ts'
import type { PromptWaits } from './prompt-waits.ts'
import type { Sleeper } from './sleeper.ts'
import type { SlotPauses } from './slot-pauses.ts'
import type { Supply } from './source.ts'

/** What a closed loop is made of. */
export interface ClosedLoad {
  readonly supply: Supply
  readonly gate: Gate
  readonly hold: Hold
  readonly startMs: number
  readonly concurrency: number
  /** Slots open one after the other, evenly over this time; 0: as soon as they do not wait for each other. */
  readonly rampUpMs: number
  readonly sleeper: Sleeper
  /** Takes how long free slots waited for prompts. */
  readonly waits?: PromptWaits | undefined
  /** Takes when a slot that got no connection paused. */
  readonly pauses?: SlotPauses | undefined
}

/**
 * Without a ramp slots open so far apart, at most so long: those that open together come free together, wave after wave,
 * and the last is refilled when all before it are. Refilling one takes 0.03 ms here, and as long at the server.
 */
const openingGapMs = 0.2
const longestOpeningMs = 20

/**
 * Keeps `concurrency` conversations under way until the supply ends or the gate closes: as one ends its slot takes the
 * next at once, or, where it got no connection, after a pause. Resolves when the last is over.
 */
export const closedLoop = async (load: ClosedLoad): Promise<void> => {
  const { supply, gate, hold, startMs, concurrency, rampUpMs, sleeper, waits, pauses } = load
  let isOver = false
  const slot = async (): Promise<void> => {
    let freeMs = nowMs()
    let backoff: Backoff | undefined
    while (!gate.isClosed) {
      const taken = supply.take()
      // No `await` for a conversation that is ready: the freed slot is refilled in the same turn of the event loop.
      const item = taken instanceof Promise ? await taken : taken
      if (item === undefined) {
        isOver = true
        // No further slot need be waited for.
        return sleeper.wake()
      }
      if (gate.isClosed) return
      if (taken instanceof Promise) waits?.add(nowMs() - freeMs)
      const held = await hold(item, { scheduledMs: freeMs, slotWaitMs: undefined })
      freeMs = held.freeMs
      if (held.failure === 'connect') {
        backoff ??= new Backoff(gate)
        freeMs = await backoff.pause()
        pauses?.add(held.freeMs, freeMs)
      } else if (held.failure === undefined) backoff?.reset()
    }
  }
  gate.onClosed(() => sleeper.wake())
  const slots: Promise<void>[] = []
  const openingMs = rampUpMs > 0 ? rampUpMs : Math.min(longestOpeningMs, openingGapMs * concurrency)
  for (let index = 0; index < concurrency && !isOver && !gate.isClosed; index++) {
    const dueMs = startMs + (openingMs * index) / concurrency
    if (dueMs > nowMs()) await sleeper.until(dueMs)
    // One a turn: undici writes a turn after its dispatch, and the first would wait until the last is built.
    else if (index > 0) await nextTurn()
    const running = slot()
    // Told by the `await` below; until then the ramp is not to go on, nor the process to end without a report.
    running.catch(() => {
      isOver = true
      sleeper.wake()
    })
    slots.push(running)
  }
  await Promise.all(slots)
}
