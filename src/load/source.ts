import type { Dataset, DatasetContext } from '../datasets/dataset.ts'
import { ArgumentsError } from '../errors.ts'
import type { Conversation } from '../model/conversation.ts'

/** One conversation to hold, with its place in the run's sequence. */
export interface SourceItem {
  readonly index: number
  readonly conversation: Conversation
}

/** Conversations kept ready ahead of need; a run of no more has all of them before its clock starts. */
const lookAheadItems = 1024

/**
 * Deals the conversations of a run in order: reads the dataset ahead of need, with bounded memory, and starts it again
 * when the run needs more than one pass.
 */
export class ConversationSource {
  /** A mistake in the dataset met on the way: dealing ends there, what was dealt stays measured. */
  failure: Error | undefined
  readonly #count: number
  readonly #prepare: (conversation: Conversation, index: number) => Conversation
  readonly #ready: SourceItem[] = []
  readonly #takers: ((item: SourceItem | undefined) => void)[] = []
  #wake: (() => void) | undefined
  #isClosed = false
  #isFinished = false
  readonly #pumping: Promise<void>

  /**
   * `count` conversations of `dataset`. `prepare` makes the last changes to item `index`, such as its drawn output
   * limit; it runs here, ahead of need.
   */
  constructor(
    dataset: Dataset,
    context: DatasetContext,
    count: number,
    prepare: (conversation: Conversation, index: number) => Conversation,
  ) {
    this.#count = count
    this.#prepare = prepare
    this.#pumping = this.#pump(dataset, context).catch((error: Error) => {
      this.failure = error
    })
    void this.#pumping.then(() => this.#finish())
  }

  /** Resolves when the first look-ahead is filled; rejects when not even one conversation could be had. */
  async filled(): Promise<void> {
    while (!this.#isFinished && this.#ready.length < Math.min(this.#count, lookAheadItems)) {
      await new Promise(resolve => setImmediate(resolve))
    }
    if (this.#ready.length === 0 && this.failure !== undefined) throw this.failure
  }

  /** The next conversation, at once when one is ready; `undefined` at the end. */
  take(): SourceItem | undefined | Promise<SourceItem | undefined> {
    const item = this.#ready.shift()
    if (item !== undefined) {
      if (this.#ready.length < lookAheadItems / 2) this.#wakePump()
      return item
    }
    if (this.#isFinished) return undefined
    return new Promise(resolve => this.#takers.push(resolve))
  }

  /** Stops reading; conversations not taken are dropped. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#ready.length = 0
    this.#wakePump()
    await this.#pumping
  }

  async #pump(dataset: Dataset, context: DatasetContext): Promise<void> {
    let index = 0
    let toSkip = dataset.appliesOffset ? 0 : context.settings.offset
    while (index < this.#count) {
      let read = 0
      for await (const conversation of dataset.open(context)) {
        if (this.#isClosed) return
        read++
        if (toSkip > 0) {
          toSkip--
          continue
        }
        this.#deal({ index, conversation: this.#prepare(conversation, index) })
        if (++index >= this.#count) return
        if (this.#ready.length >= lookAheadItems) await new Promise<void>(resolve => (this.#wake = resolve))
        if (this.#isClosed) return
        // Requests under way must get their turn between two prompts, however long those take to make.
        if (index % 16 === 0) await new Promise(resolve => setImmediate(resolve))
      }
      // An offset beyond the end goes round; whole rounds need not be read again.
      toSkip %= Math.max(1, read)
      if (read === 0) {
        throw new ArgumentsError(`dataset ${context.settings.spec} is empty: it gave no prompt; give one that has some`)
      }
    }
  }

  #deal(item: SourceItem): void {
    const taker = this.#takers.shift()
    if (taker === undefined) this.#ready.push(item)
    else taker(item)
  }

  #wakePump(): void {
    const wake = this.#wake
    this.#wake = undefined
    wake?.()
  }

  #finish(): void {
    this.#isFinished = true
    for (const taker of this.#takers.splice(0)) taker(undefined)
  }
}
