import { performance } from 'node:perf_hooks'
import { workerData } from 'node:worker_threads'

/** When a clock stood at 0, in ms: on the monotonic clock that all threads share, and since the epoch. */
export interface ClockOrigin {
  readonly sharedMs: number
  readonly epochMs: number
}

/** What `workerData` holds for a thread that is to go by the clock of another. */
export interface ClockSetup {
  readonly clockOrigin: ClockOrigin
}

/** When this thread's `performance.now()` stood at 0: each thread has its own. */
const ownOriginMs = (): number => {
  let origin = { widthMs: Number.POSITIVE_INFINITY, ms: 0 }
  // The narrowest of some readings: a thread may be held up between two of them.
  for (let reading = 0; reading < 10; reading++) {
    const before = process.hrtime.bigint()
    const ownMs = performance.now()
    const widthMs = Number(process.hrtime.bigint() - before) / 1e6
    if (widthMs < origin.widthMs) origin = { widthMs, ms: Number(before) / 1e6 + widthMs / 2 - ownMs }
  }
  return origin.ms
}

const given = (workerData as Partial<ClockSetup> | null)?.clockOrigin
const shiftMs = given === undefined ? 0 : ownOriginMs() - given.sharedMs
const epochMs = given === undefined ? performance.timeOrigin : given.epochMs

/** Monotonic time in ms since the process started, with nanosecond grain; the same in all threads of a load. */
export const nowMs = (): number => performance.now() + shiftMs

/** Wall-clock time of a monotonic stamp, in whole microseconds since the epoch. */
export const epochUs = (stampMs: number): number => Math.round((epochMs + stampMs) * 1000)

/** A duration in whole microseconds: the one place where measured times are rounded. */
export const durationUs = (fromMs: number, toMs: number): number => Math.max(0, Math.round((toMs - fromMs) * 1000))

/** What a thread needs so that its clock shows what this one shows. */
export const clockOrigin = (): ClockOrigin => ({ sharedMs: ownOriginMs() - shiftMs, epochMs })
