import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { loadApi } from '../apis/load-api.ts'
import { nowMs } from './clock.ts'
import { collectGarbage } from './collect-garbage.ts'
import { Gauge } from './gauge.ts'
import { createHolder, type Hold, type Holder } from './holder.ts'
import { onePerTurn } from './one-per-turn.ts'
import { Outbox } from './outbox.ts'
import { rehearse } from './rehearsal.ts'
import type { Order, Report, ThreadSetup } from './thread-messages.ts'

// Entry of the worker threads that a worker pool starts. What is thrown here ends the thread, and the pool tells why.

const { plan, requestIdPrefix, gauge, thread, stopFlag } = workerData as ThreadSetup
const port = parentPort as MessagePort
const tell = (report: Report): void => port.postMessage(report)

/** What a Gate in the thread of the loops says, asked from here. */
const gateUntil = (deadlineMs: number) => ({
  deadlineMs,
  get isClosed(): boolean {
    return Atomics.load(stopFlag, 0) !== 0 || nowMs() >= deadlineMs
  },
})

const obeyWith = (holder: Holder, outbox: Outbox, draining: AbortController): ((order: Order) => void) => {
  const start = onePerTurn()
  let hold: Hold | undefined
  return order => {
    switch (order.kind) {
      case 'connect':
        return void holder.connect(order.count).then(() => tell({ kind: 'connected' }))
      case 'begin':
        hold = holder.begin(order.phase, gateUntil(order.deadlineMs))
        return
      case 'hold': {
        const { item, wanted } = order
        return start(() => void hold?.(item, wanted).then(held => outbox.over({ index: item.index, ...held })))
      }
      case 'drain':
        return draining.abort()
      case 'cut':
        return holder.cut(order.why)
      case 'close':
        return void holder.close().then(() => port.close())
    }
  }
}

const outbox = new Outbox(tell)
const draining = new AbortController()
const holder = createHolder({
  plan,
  api: await loadApi(plan.api),
  sinks: [outbox],
  gauge: new Gauge(gauge, thread),
  health: { thread: thread + 1, tellsProcess: false, onSample: sample => tell({ kind: 'health', sample }) },
  trace: undefined,
  requestIdPrefix,
  draining: draining.signal,
})
await rehearse([plan])
collectGarbage()
port.on('message', obeyWith(holder, outbox, draining))
tell({ kind: 'ready' })
