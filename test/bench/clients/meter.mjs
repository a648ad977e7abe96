import { performance } from 'node:perf_hooks'

const cpuUs = since => {
  const { user, system } = process.cpuUsage(since)
  return user + system
}

/** MB that live objects take, after a collection of the rest. */
export const heldMb = () => {
  // What finalizers let go in the first is collected by the second.
  globalThis.gc()
  globalThis.gc()
  const { heapUsed, external } = process.memoryUsage()
  return (heapUsed + external) / 2 ** 20
}

/** CPU time, user and system, of this process: between the first request and the last end, and as a whole. */
export const createMeter = () => {
  let begun
  let loadOver
  let over
  const sinceBegin = () => ({
    cpuUs: cpuUs(begun.cpu),
    wallMs: performance.now() - begun.timeMs,
    utilization: performance.eventLoopUtilization(begun.loop).utilization,
  })
  return {
    /** The first request is about to leave; later calls change nothing. */
    begin: () => {
      begun ??= { cpu: process.cpuUsage(), timeMs: performance.now(), loop: performance.eventLoopUtilization() }
    },
    /** The last answer has ended; for clients that go on working then. */
    loadEnd: () => {
      loadOver = sinceBegin()
    },
    /** All is done. */
    end: () => {
      over = sinceBegin()
    },
    read: () => ({ ...over, load: loadOver ?? over, processCpuUs: cpuUs() }),
  }
}
