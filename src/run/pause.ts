import type { RunPlan } from '../model/run-plan.ts'
import type { Host } from './host.ts'

/** The sleep between two runs; a stop ends it at once. */
export const pauseBefore = (next: RunPlan, durationMs: number, { status, stop }: Host): Promise<void> =>
  new Promise(resolve => {
    const wake = (): void => {
      clearTimeout(timer)
      stop.draining.removeEventListener('abort', wake)
      status.clear()
      resolve()
    }
    const timer = setTimeout(wake, durationMs)
    if (durationMs > 0) status.show(`pausing for ${durationMs / 1000} s before ${next.name} (--sleep-interval)`)
    stop.draining.addEventListener('abort', wake)
    if (stop.draining.aborted) wake()
  })
