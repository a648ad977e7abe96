import { Worker } from 'node:worker_threads'
import type { LocalOptions, LocalReport } from './local-messages.ts'

// Entry of the child process that startLocalServer() starts. It holds the model in a thread and listens for the end.

const send = (report: LocalReport): void => void process.send?.(report)

// As in simulated-child.ts: the parent decides when the run is over, and the channel closes with it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})
// At once: an ordered exit would wait for what the thread is computing, which may take minutes.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
process.once('message', (options: LocalOptions) => {
  const thread = new Worker(new URL('./local-thread.js', import.meta.url), { workerData: options })
  thread.on('message', send)
  thread.on('error', error => {
    const report: LocalReport = { error: `the local model's thread failed: ${error.stack}`, isUserError: false }
    // Nothing is left that could answer.
    process.send?.(report, () => process.exit(1))
  })
})
