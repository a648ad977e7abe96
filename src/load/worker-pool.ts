import type { HealthSample } from '../model/health.ts'
import { clockOrigin, nowMs } from './clock.ts'
import { HealthWatch } from './health-watch.ts'
import type { Hold, Holder, HolderParts, Phase } from './holder.ts'
import { LoadWorker } from './load-worker.ts'
import type { Ended, Order, ThreadSetup } from './thread-messages.ts'

/** What a pool is made of: what a holder is, but for what each thread makes for itself. */
export interface PoolParts extends Omit<HolderParts, 'api' | 'trace' | 'health'> {
  /** Hears of the first thread that ended by itself. */
  readonly onLost: (error: Error) => void
  /** Hears of every thread, and of this one as number 0. */
  readonly onHealth: (sample: HealthSample) => void
}

/** Connecting goes from thread to thread; what has not begun by then is left to the requests. */
const connectLimitMs = 5000
/** Once a thread is lost, the others get this long to give what they have. */
const lostLimitMs = 5000

/**
 * Holds conversations in `plan.workers` threads, each with its own connections, clock set to this thread's. The load
 * loops, the sinks and the count of what is under way stay in this thread: so counts and schedule are exact. Rejects
 * with `WorkerError` when a thread does not start.
 */
export const startWorkerPool = async (parts: PoolParts): Promise<Holder> => {
  const pool = new WorkerPool(parts)
  try {
    await pool.ready()
    return pool
  } catch (error) {
    await pool.close()
    throw error
  }
}

class WorkerPool implements Holder {
  readonly #workers: readonly LoadWorker[]
  readonly #parts: PoolParts
  readonly #health: HealthWatch
  readonly #stopFlag = new Int32Array(new SharedArrayBuffer(4))
  readonly #onDraining = (): void => this.#drain()
  #lostTimer: NodeJS.Timeout | undefined
  #isLost = false

  constructor(parts: PoolParts) {
    const { plan, requestIdPrefix, gauge, draining } = parts
    this.#parts = parts
    this.#health = new HealthWatch({ thread: 0, tellsProcess: true, onSample: parts.onHealth })
    draining.addEventListener('abort', this.#onDraining)
    if (draining.aborted) Atomics.store(this.#stopFlag, 0, 1)
    this.#workers = Array.from({ length: plan.workers }, (_, thread) => {
      const setup: ThreadSetup = {
        plan,
        requestIdPrefix,
        gauge: gauge.memory,
        thread,
        stopFlag: this.#stopFlag,
        clockOrigin: clockOrigin(),
      }
      return new LoadWorker({
        setup,
        name: `worker thread ${thread + 1} of ${plan.workers}`,
        onEnded: ended => this.#take(ended),
        onHealth: parts.onHealth,
        onLost: error => this.#lose(error),
      })
    })
  }

  async ready(): Promise<void> {
    await Promise.all(this.#workers.map(worker => worker.ready()))
  }

  /** One thread after the other: each opens many at once, and several would overrun an accept queue. */
  async connect(count: number): Promise<void> {
    const untilMs = nowMs() + connectLimitMs
    for (const [thread, worker] of this.#workers.entries()) {
      if (nowMs() < untilMs) await worker.connect(shareOf(count, thread, this.#workers.length))
    }
  }

  begin(phase: Phase, { deadlineMs }: { readonly deadlineMs: number }): Hold {
    if (phase === 'measured') this.#health.start()
    this.#tellAll({ kind: 'begin', phase, deadlineMs })
    return (item, wanted) => this.#leastBusy().hold(item, wanted)
  }

  cut(why: string): void {
    this.#tellAll({ kind: 'cut', why })
  }

  async close(): Promise<void> {
    this.#parts.draining.removeEventListener('abort', this.#onDraining)
    clearTimeout(this.#lostTimer)
    this.#health.stop()
    await Promise.all(this.#workers.map(worker => worker.close()))
  }

  /** Of equals the first: then a thread never holds more than its share of the slots, whose connections are open. */
  #leastBusy(): LoadWorker {
    return this.#workers.reduce((least, worker) => (worker.underWay < least.underWay ? worker : least))
  }

  #tellAll(order: Order): void {
    for (const worker of this.#workers) worker.tell(order)
  }

  #drain(): void {
    Atomics.store(this.#stopFlag, 0, 1)
    this.#tellAll({ kind: 'drain' })
  }

  #take({ record, answer }: Ended): void {
    for (const sink of this.#parts.sinks) sink.write(record, answer)
  }

  #lose(error: Error): void {
    if (this.#isLost) return
    this.#isLost = true
    this.#lostTimer = setTimeout(() => {
      for (const worker of this.#workers) worker.terminate()
    }, lostLimitMs)
    this.#parts.onLost(error)
  }
}

/** How many of `count` slots thread number `thread` has; the first threads have the remainder. */
export const shareOf = (count: number, thread: number, threads: number): number =>
  Math.floor(count / threads) + (thread < count % threads ? 1 : 0)
