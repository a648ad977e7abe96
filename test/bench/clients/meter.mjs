import { readFileSync } from 'node:fs'
import { performance } from 'node:perf_hooks'

const cpuUs = since => {
  const { user, system } = process.cpuUsage(since)
  return user + system
}

/** How long this thread was ready to run and had no core, in ms; undefined where the system does not tell. */
const waitedMs = () => {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[1]) / 1e6
  } catch {
    return undefined
  }
}

/** MB that live objects take, after a collection of the rest. */
export const heldMb = () => {
  // What finalizers let go in the first is collected by the second.
  globalThis.gc()
  globalThis.gc()
  const { heapUsed, external } = process.memoryUsage()
  return (heapUsed + external) / 2 ** 20
}

const now = () => ({
  cpu: process.cpuUsage(),
  timeMs: performance.now(),
  loop: performance.eventLoopUtilization(),
  waitedMs: waitedMs(),
})

const since = start => {
  const wallMs = performance.now() - start.timeMs
  return {
    cpuUs: cpuUs(start.cpu),
    wallMs,
    utilization: performance.eventLoopUtilization(start.loop).utilization,
    waitedShare: start.waitedMs === undefined ? undefined : (waitedMs() - start.waitedMs) / wallMs,
  }
}

/** CPU time, user and system, of this process: from the first request to the last end, and as a whole. */
export const createMeter = () => {
  let start
  let hasBegun = false
  const found = { marks: [] }
  return {
    /** The first request may leave from now on; for clients that cannot tell when it does. */
    prepare: () => {
      start = now()
    },
    /** The first request leaves. */
    begin: () => {
      start = now()
      hasBegun = true
    },
    /** A part of the load is over. */
    mark: () => {
      found.marks.push(cpuUs(start.cpu))
    },
    /** The last answer has ended; for clients that go on working then. */
    loadEnd: () => {
      found.load = since(start)
    },
    /** All is done. */
    end: () => {
      found.whole = since(start)
    },
    read: () => ({
      ...found.whole,
      load: found.load ?? found.whole,
      marks: found.marks,
      hasBegun,
      processCpuUs: cpuUs(),
    }),
  }
}
