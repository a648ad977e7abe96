import { Worker } from 'node:worker_threads'
import { PluginError, reasonOf, WorkerError } from '../errors.ts'
import type { HealthSample } from '../model/health.ts'
import { nowMs } from './clock.ts'
import type { Held, Wanted } from './converse.ts'
import type { SourceItem } from './source.ts'
import { firstFrame, threadEntry } from './thread-entry.ts'
import type { Ended, Order, Report, ThreadSetup } from './thread-messages.ts'

/** What a worker is made of, as the thread of the load loops sees it. */
export interface LoadWorkerParts {
  readonly setup: ThreadSetup
  /** What messages call it: `worker thread 2 of 4`. */
  readonly name: string
  /** Takes every request that has ended; what it throws fails the conversation. */
  readonly onEnded: (ended: Ended) => void
  readonly onHealth: (sample: HealthSample) => void
  /** Hears that the thread has ended though nobody asked it to. */
  readonly onLost: (error: WorkerError) => void
}

/** What becomes of a conversation whose thread is gone. */
const lostNow = (): Held => ({ freeMs: nowMs(), failure: undefined })

interface Waiter<T> {
  readonly resolve: (value: T) => void
  readonly reject: (error: unknown) => void
}

/** A thread that takes this long to load its code and its API has come to a stop. */
const startLimitMs = 30_000
/** Connecting takes a thread no more than 5 s; one that says nothing for this long has come to a stop. */
const answerLimitMs = 30_000
/**
 * A thread that was asked to end and is busy for longer is ended as it stands. What it observed of itself since its last
 * sample, a second ago or more, is lost then: the seconds before it tell that it was busy.
 */
const closeLimitMs = 1000

/** A worker thread that holds conversations, seen from the thread of the load loops. */
export class LoadWorker {
  readonly #parts: LoadWorkerParts
  readonly #thread: Worker
  /** By the index of the conversation that is under way there. */
  readonly #held = new Map<number, Waiter<Held>>()
  readonly #exited: Promise<void>
  /** Whoever waits for the thread's answer; one at a time. */
  #asker: Waiter<void> | undefined
  #state: 'running' | 'closing' | 'gone' = 'running'

  constructor(parts: LoadWorkerParts) {
    this.#parts = parts
    this.#thread = new Worker(threadEntry('thread-main'), { workerData: parts.setup })
    this.#thread.on('message', (report: Report) => this.#hear(report))
    // An exception there is followed by an exit, which is then no news.
    this.#thread.on('error', error => this.#lose(`${reasonOf(String(error))}${firstFrame(error)}`))
    this.#thread.on('messageerror', error => this.#lose(reasonOf(error)))
    this.#exited = new Promise(resolve => {
      this.#thread.on('exit', code => {
        this.#lose(`it left with exit code ${code}`)
        resolve()
      })
    })
  }

  /** Conversations that it holds. */
  get underWay(): number {
    return this.#held.size
  }

  /** Resolves when the thread has its API and waits for orders; call it at once. */
  async ready(): Promise<void> {
    const timer = setTimeout(() => this.#lose(`not ready within ${startLimitMs / 1000} s`), startLimitMs)
    await this.#answer().finally(() => clearTimeout(timer))
  }

  async connect(count: number): Promise<void> {
    if (this.#state !== 'running') return
    this.tell({ kind: 'connect', count })
    const timer = setTimeout(() => this.#lose(`silent for ${answerLimitMs / 1000} s`), answerLimitMs)
    await this.#answer().finally(() => clearTimeout(timer))
  }

  /** See `Hold`; a thread that is lost gives the slot back at once. */
  hold(item: SourceItem, wanted: Wanted): Promise<Held> {
    if (this.#state === 'gone') return Promise.resolve(lostNow())
    try {
      this.tell({ kind: 'hold', item, wanted })
    } catch (error) {
      const why = `a conversation of the dataset cannot be handed to a worker thread: ${reasonOf(error)}`
      return Promise.reject(new PluginError(`${why}; make it of plain values, or give --workers 1`, { cause: error }))
    }
    return new Promise((resolve, reject) => this.#held.set(item.index, { resolve, reject }))
  }

  tell(order: Order): void {
    this.#thread.postMessage(order)
  }

  /** Ends the thread, and resolves when it is gone. */
  async close(): Promise<void> {
    // One that is lost may still run: it was given up.
    if (this.#state === 'gone') this.terminate()
    else this.tell({ kind: 'close' })
    this.#state = 'closing'
    const timer = setTimeout(() => this.terminate(), closeLimitMs)
    await this.#exited
    clearTimeout(timer)
  }

  /** Ends the thread where it stands. */
  terminate(): void {
    void this.#thread.terminate()
  }

  #answer(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#asker = { resolve, reject }
    })
  }

  #hear(report: Report): void {
    // The last one comes when the thread was asked to end.
    if (report.kind === 'health') return this.#parts.onHealth(report.sample)
    if (this.#state !== 'running') return
    if (report.kind !== 'happened') return this.#asker?.resolve()
    for (const ended of report.ended) this.#take(ended)
    for (const over of report.over) {
      this.#held.get(over.index)?.resolve(over)
      this.#held.delete(over.index)
    }
  }

  #take(ended: Ended): void {
    try {
      this.#parts.onEnded(ended)
    } catch (error) {
      this.#held.get(ended.record.index)?.reject(error)
    }
  }

  #lose(why: string): void {
    if (this.#state !== 'running') return
    this.#state = 'gone'
    const lost = this.#held.size > 0 ? `; the ${this.#held.size} requests it had under way are lost` : ''
    const error = new WorkerError(`${this.#parts.name} ended: ${why}${lost}; --workers 1 does without threads`)
    this.#asker?.reject(error)
    // First, so that nothing new starts in the slots that are given back.
    this.#parts.onLost(error)
    for (const { resolve } of this.#held.values()) resolve(lostNow())
    this.#held.clear()
  }
}
