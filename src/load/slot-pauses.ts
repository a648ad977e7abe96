import type { PausedSecond } from '../model/load-outcome.ts'
import { durationUs, epochUs } from './clock.ts'

const secondUs = 1_000_000

/** Counts, second by second, for how long slots stand empty; flat but for 100 bytes a second in which one did. */
export class SlotPauses {
  readonly #usBySecond = new Map<number, number>()

  /** A slot paused from one moment on the monotonic clock to another, in ms. */
  add(fromMs: number, toMs: number): void {
    let startUs = epochUs(fromMs)
    const endUs = startUs + durationUs(fromMs, toMs)
    while (startUs < endUs) {
      const second = Math.floor(startUs / secondUs)
      const untilUs = Math.min(endUs, (second + 1) * secondUs)
      this.#usBySecond.set(second, (this.#usBySecond.get(second) ?? 0) + untilUs - startUs)
      startUs = untilUs
    }
  }

  /** Ascending; undefined where none paused. */
  read(): readonly PausedSecond[] | undefined {
    return this.#usBySecond.size === 0 ? undefined : [...this.#usBySecond].sort(([a], [b]) => a - b)
  }
}
