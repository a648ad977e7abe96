import { performance } from 'node:perf_hooks'

/** Monotonic time in ms since the process started, with nanosecond grain. */
export const nowMs = (): number => performance.now()

/** Wall-clock time of a monotonic stamp, in whole microseconds since the epoch. */
export const epochUs = (stampMs: number): number => Math.round((performance.timeOrigin + stampMs) * 1000)

/** A duration in whole microseconds: the one place where measured times are rounded. */
export const durationUs = (fromMs: number, toMs: number): number => Math.max(0, Math.round((toMs - fromMs) * 1000))
