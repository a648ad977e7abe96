import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { reasonOf } from '../errors.ts'
import type { CountItem, CountSettings, ItemCounts } from './count-item.ts'

/** What the thread is to count with. */
export interface CountSetup extends CountSettings {
  /** Directory of the tokenizer, which the thread loads by itself. */
  readonly tokenizerPath: string
}

/** Counts tokens, elsewhere. */
export interface Counting {
  /** Why it has ended by itself. */
  readonly problem: string | undefined
  /** The counts of each, in order; undefined once it has ended. */
  count(items: readonly CountItem[]): Promise<readonly ItemCounts[] | undefined>
  /** Ends it where it stands. */
  end(): void
}

/**
 * Counts for one run after the other in the same thread, which is started when it is first needed, and again where it
 * has ended: a large vocabulary takes half a second to load.
 */
export class CountingThread {
  readonly #setup: CountSetup
  #worker: CountWorker | undefined

  constructor(setup: CountSetup) {
    this.#setup = setup
  }

  start(): Counting {
    if (this.#worker === undefined || this.#worker.isOver) this.#worker = new CountWorker(this.#setup)
    return this.#worker
  }

  /** Ends the thread, if there is one; without that it keeps the process alive. */
  close(): void {
    this.#worker?.end()
  }
}

/** A worker thread that counts tokens, so that the thread of the run is free for signals and progress. */
export class CountWorker implements Counting {
  readonly #thread: Worker
  /** Answers come in the order of the questions. */
  readonly #askers: ((counts: readonly ItemCounts[] | undefined) => void)[] = []
  #isOver = false
  #problem: string | undefined

  constructor(setup: CountSetup) {
    this.#thread = new Worker(threadPath(), { workerData: setup })
    this.#thread.on('message', (counts: readonly ItemCounts[]) => this.#askers.shift()?.(counts))
    this.#thread.on('error', error => this.#lose(reasonOf(error)))
    this.#thread.on('messageerror', error => this.#lose(reasonOf(error)))
    this.#thread.on('exit', code => this.#lose(`its thread left with exit code ${code}`))
  }

  get isOver(): boolean {
    return this.#isOver
  }

  get problem(): string | undefined {
    return this.#problem
  }

  count(items: readonly CountItem[]): Promise<readonly ItemCounts[] | undefined> {
    if (this.#isOver) return Promise.resolve(undefined)
    this.#thread.postMessage(items)
    return new Promise(resolve => this.#askers.push(resolve))
  }

  end(): void {
    this.#isOver = true
    void this.#thread.terminate()
    for (const tell of this.#askers.splice(0)) tell(undefined)
  }

  #lose(why: string): void {
    if (this.#isOver) return
    this.#problem = why
    this.end()
  }
}

/** Beside this file; from source, where Node could not run it, the built one. */
const threadPath = (): string => {
  const folder = import.meta.url.endsWith('.ts') ? '../../dist/run/' : './'
  const path = fileURLToPath(new URL(`${folder}count-main.js`, import.meta.url))
  if (!existsSync(path)) throw new Error(`${path} is missing: run npm run build`)
  return path
}
