import { performance } from 'node:perf_hooks'

/** Adds to `performance.now()` what makes it CLOCK_MONOTONIC, in ms: the same in all processes of a machine. */
export const machineOffsetMs = () => {
  const offsets = Array.from({ length: 50 }, () => {
    const beforeMs = performance.now()
    const machineMs = Number(process.hrtime.bigint()) / 1e6
    return { widthMs: performance.now() - beforeMs, offsetMs: machineMs - beforeMs }
  })
  // The narrowest pair of readings was the least disturbed.
  return offsets.sort((a, b) => a.widthMs - b.widthMs)[0].offsetMs
}
