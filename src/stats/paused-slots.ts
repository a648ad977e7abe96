import type { PausedSecond } from '../model/load-outcome.ts'
import type { Window } from './steady-window.ts'

const secondUs = 1_000_000

/** How many slots paused on average in a window; of the seconds at its ends that part counts which lies in it. */
export const meanPaused = (pauses: readonly PausedSecond[], { fromUs, toUs }: Window): number => {
  const pausedUs = pauses.reduce((sum, [second, us]) => {
    const startUs = second * secondUs
    const overlapUs = Math.min(toUs, startUs + secondUs) - Math.max(fromUs, startUs)
    return sum + us * Math.max(0, overlapUs / secondUs)
  }, 0)
  return pausedUs / (toUs - fromUs)
}
