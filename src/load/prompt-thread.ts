import { Worker } from 'node:worker_threads'
import { ArgumentsError, reasonOf, WorkerError } from '../errors.ts'
import type { Conversation } from '../model/conversation.ts'
import type { PromptJob, PromptOrder, PromptReport, PromptThreadSetup } from './prompt-messages.ts'
import { firstFrame, threadEntry } from './thread-entry.ts'

/** What a thread that makes prompts is made of, as others see it. */
export interface PromptThreadParts {
  readonly setup: PromptThreadSetup
  /** What messages call it: `prompt thread 2`. */
  readonly name: string
  /** Hears lines for the user. */
  readonly say: (line: string) => void
}

/** What came in one message. */
interface Batch {
  readonly conversations: readonly Conversation[]
  readonly size: number
}

/** A thread that makes the prompts of one run after the other, ahead of need; what it has made is asked for in order. */
export class PromptThread {
  readonly #parts: PromptThreadParts
  readonly #thread: Worker
  #number = 0
  /** What has come, from `#taken` of the first on. */
  #batches: Batch[] = []
  #taken = 0
  #end: { readonly error: Error | undefined } | undefined
  #lost: WorkerError | undefined
  #wake: (() => void) | undefined

  constructor(parts: PromptThreadParts) {
    this.#parts = parts
    this.#thread = new Worker(threadEntry('prompt-thread-main'), { workerData: parts.setup })
    this.#thread.on('message', (report: PromptReport) => this.#hear(report))
    this.#thread.on('error', error => this.#lose(`${reasonOf(error)}${firstFrame(error)}`))
    this.#thread.on('messageerror', error => this.#lose(reasonOf(error)))
    this.#thread.on('exit', code => this.#lose(`it left with exit code ${code}`))
  }

  /** Ends what it was making, and makes this. */
  make(job: PromptJob): void {
    this.#number++
    this.#batches = []
    this.#taken = 0
    this.#end = undefined
    this.#order({ kind: 'make', number: this.#number, job })
  }

  /** The next one, undefined at the end; one asks at a time. Rejects with a mistake of the user, or a lost thread. */
  async next(): Promise<Conversation | undefined> {
    for (;;) {
      const [batch] = this.#batches
      const conversation = batch?.conversations[this.#taken++]
      if (conversation !== undefined) return conversation
      this.#taken = 0
      if (batch !== undefined) {
        this.#batches.shift()
        this.#order({ kind: 'taken', number: this.#number, size: batch.size })
      } else if (this.#end !== undefined) {
        if (this.#end.error !== undefined) throw this.#end.error
        return undefined
      } else if (this.#lost !== undefined) throw this.#lost
      else await new Promise<void>(resolve => (this.#wake = resolve))
    }
  }

  /** Ends what it is making; who waits for it gets nothing. */
  end(): void {
    this.#number++
    this.#batches = []
    this.#end = { error: undefined }
    this.#order({ kind: 'end' })
    this.#wake?.()
  }

  /** Ends the thread where it stands. */
  terminate(): void {
    this.#end = { error: undefined }
    void this.#thread.terminate()
  }

  #order(order: PromptOrder): void {
    this.#thread.postMessage(order)
  }

  #hear(report: PromptReport): void {
    if (report.kind === 'say') return this.#parts.say(report.line)
    if (report.number !== this.#number) return
    if (report.kind === 'made') this.#batches.push(report)
    else this.#end = { error: report.mistake === undefined ? undefined : new ArgumentsError(report.mistake) }
    this.#wake?.()
  }

  #lose(why: string): void {
    this.#lost ??= new WorkerError(`${this.#parts.name} ended: ${why}; --num-workers 1 does without threads`)
    this.#wake?.()
  }
}
