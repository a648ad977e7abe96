import type { Conversation } from '../model/conversation.ts'
import { conversationSize } from './prompt-size.ts'

/** One conversation to hold, with its place in the run's sequence. */
export interface SourceItem {
  readonly index: number
  readonly conversation: Conversation
}

/** Where a load takes its conversations from. */
export interface Supply {
  /** The next conversation, at once when one is ready; `undefined` at the end. */
  take(): SourceItem | undefined | Promise<SourceItem | undefined>
}

/** The next `count` conversations of a supply, for a phase that needs no more. */
export const limited = (supply: Supply, count: number): Supply => {
  let left = count
  return { take: () => (left-- > 0 ? supply.take() : undefined) }
}

/** What a source is made of. */
export interface SourceParts {
  /** Opens the run's conversations, in order; `closing` fires when no more are wanted. */
  readonly open: (closing: AbortSignal) => AsyncIterable<Conversation>
  /** How many are wanted; there may be more. */
  readonly count: number
  /** How many are kept ready ahead of need, where their size allows it. */
  readonly lookAhead: number
  /** How many must be ready for the load to begin; default: all that are kept ready. */
  readonly enough?: number | undefined
  /** Each is made in this thread and takes its time. */
  readonly isMadeHere?: boolean
  /** When conversation `index` is wanted, where that is known ahead. */
  readonly arrivalMs?: ((index: number) => number | undefined) | undefined
}

/** Text kept ready ahead of need, in UTF-16 units: long prompts are kept in smaller numbers. */
export const lookAheadSize = 64 * 1024 * 1024

/** A conversation that is ready. */
interface Ready extends SourceItem {
  readonly size: number
}

/** Deals the conversations of a run in order, kept ready ahead of need with bounded memory. */
export class ConversationSource implements Supply {
  /** A mistake in the dataset met on the way, or a lost thread: dealing ends there, what was dealt stays measured. */
  failure: Error | undefined
  /** Whether turns wait before they are sent. */
  hasThinkTime = false
  readonly #parts: SourceParts
  readonly #closing = new AbortController()
  /** What is ready, from `#taken` on; what was taken is gone before its place is. */
  readonly #ready: (Ready | undefined)[] = []
  #taken = 0
  #readySize = 0
  readonly #takers: ((item: SourceItem | undefined) => void)[] = []
  #wakePump: (() => void) | undefined
  #wakeFilled: (() => void) | undefined
  #dealt = 0
  #isFinished = false

  constructor(parts: SourceParts) {
    this.#parts = parts
    void this.#pump()
      .catch((error: Error) => {
        this.failure = error
      })
      .then(() => this.#finish())
  }

  /** When conversation `index` is wanted, where its dataset knows that ahead; undefined beyond the last. */
  arrivalMs(index: number): number | undefined {
    return index < this.#parts.count ? this.#parts.arrivalMs?.(index) : undefined
  }

  /** Conversations handed out so far. */
  get dealt(): number {
    return this.#dealt
  }

  /** Whether there will be no more. */
  get isDealtOut(): boolean {
    return this.#isFinished && this.#readyCount === 0
  }

  /**
   * Resolves when enough are ready, or `signal` fires; `onReady` hears how many are. Rejects when not even one
   * conversation could be had.
   */
  async filled(signal: AbortSignal, onReady: (ready: number) => void): Promise<void> {
    const { enough = this.#parts.lookAhead } = this.#parts
    const wake = (): void => this.#wakeFilled?.()
    signal.addEventListener('abort', wake)
    while (!this.#isFinished && !this.#isFull() && this.#readyCount < enough && !signal.aborted) {
      onReady(this.#readyCount)
      await new Promise<void>(resolve => (this.#wakeFilled = resolve))
    }
    signal.removeEventListener('abort', wake)
    if (this.#readyCount === 0 && this.failure !== undefined) throw this.failure
  }

  take(): SourceItem | undefined | Promise<SourceItem | undefined> {
    const item = this.#ready[this.#taken]
    if (item !== undefined) {
      this.#dealt++
      this.#readySize -= item.size
      this.#ready[this.#taken] = undefined
      // Now and then: `shift` moves all that is left, 0.3 ms with 200 000 prompts.
      if (++this.#taken === 1024) this.#ready.splice(0, this.#taken)
      this.#taken %= 1024
      if (this.#readyCount < this.#parts.lookAhead / 2) this.#wakePump?.()
      return item
    }
    if (this.#isFinished) return undefined
    return new Promise(resolve => this.#takers.push(resolve))
  }

  /** Deals no more; the dataset is left at its next item, which may be long in coming and is not waited for. */
  close(): void {
    this.#closing.abort()
    this.#ready.length = 0
    this.#taken = 0
    this.#wakePump?.()
    this.#finish()
  }

  get #readyCount(): number {
    return this.#ready.length - this.#taken
  }

  async #pump(): Promise<void> {
    const { open, count, isMadeHere } = this.#parts
    const { signal } = this.#closing
    if (count <= 0) return
    let index = 0
    for await (const conversation of open(signal)) {
      if (signal.aborted) return
      this.#deal({ index, conversation, size: conversationSize(conversation) })
      if (++index >= count) return
      if (this.#isFull()) await new Promise<void>(resolve => (this.#wakePump = resolve))
      if (signal.aborted) return
      // Requests under way, signals and the progress line get their turn between prompts.
      if (isMadeHere || index % 16 === 0) await new Promise(resolve => setImmediate(resolve))
    }
  }

  #deal(item: Ready): void {
    this.hasThinkTime ||= item.conversation.turns.some(({ waitMs = 0 }) => waitMs > 0)
    const taker = this.#takers.shift()
    if (taker !== undefined) {
      this.#dealt++
      return taker(item)
    }
    this.#ready.push(item)
    this.#readySize += item.size
    this.#wakeFilled?.()
  }

  #isFull(): boolean {
    return this.#readyCount >= this.#parts.lookAhead || this.#readySize >= lookAheadSize
  }

  #finish(): void {
    this.#isFinished = true
    this.#wakeFilled?.()
    for (const taker of this.#takers.splice(0)) taker(undefined)
  }
}
