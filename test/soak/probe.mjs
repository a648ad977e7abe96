// Preloaded into the process that is soaked: tells over IPC, every few seconds, what that process holds.
import { readdirSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'

const everyMs = Number(process.env.SOAK_SAMPLE_MS ?? 5000)

const openFiles = () => {
  try {
    return readdirSync('/proc/self/fd').length
  } catch {
    return undefined
  }
}

const tell = () => {
  const { rss, heapUsed, external } = process.memoryUsage()
  const resources = process.getActiveResourcesInfo()
  const count = kind => resources.filter(name => name === kind).length
  process.send({
    atMs: Date.now(),
    ...{ rss, heapUsed, external },
    openFiles: openFiles(),
    sockets: count('TCPSocketWrap'),
    timers: count('Timeout'),
    resources: resources.length,
  })
}

if (isMainThread && process.send !== undefined) {
  setInterval(tell, everyMs).unref()
  process.channel.unref()
}
