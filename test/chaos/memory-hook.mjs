import { writeFileSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'

// Loaded into a run beside it: how much memory was alive at most, garbage not counted. It needs --expose-gc.

const everyMs = 200
let mostBytes = 0

const look = () => {
  globalThis.gc()
  const { heapUsed, external } = process.memoryUsage()
  mostBytes = Math.max(mostBytes, heapUsed + external)
}

if (isMainThread && process.env.CHAOS_MEMORY_FILE !== undefined) {
  setInterval(look, everyMs).unref()
  process.on('exit', () => {
    look()
    writeFileSync(process.env.CHAOS_MEMORY_FILE, String(mostBytes))
  })
}
