import type { Dataset, DatasetContext } from '../datasets/dataset.ts'
import { ArgumentsError } from '../errors.ts'
import type { Conversation, Prompt } from '../model/conversation.ts'
import type { JsonValue } from '../model/json.ts'

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

/** Conversations kept ready ahead of need; a run of no more has all of them before its clock starts. */
const lookAheadItems = 1024
/** Text kept ready ahead of need, in UTF-16 units: long prompts are kept in smaller numbers. */
const lookAheadChars = 64 * 1024 * 1024

/**
 * Deals the conversations of a run in order: reads the dataset ahead of need, with bounded memory, and starts it again
 * when the run needs more than one pass, unless it has times of its own.
 */
export class ConversationSource implements Supply {
  /** A mistake in the dataset met on the way: dealing ends there, what was dealt stays measured. */
  failure: Error | undefined
  readonly #dataset: Dataset
  readonly #count: number
  readonly #prepare: (conversation: Conversation, index: number) => Conversation
  readonly #lookAheadItems: number
  /** What is ready, from `#taken` on. */
  readonly #ready: SourceItem[] = []
  #taken = 0
  #readyChars = 0
  readonly #takers: ((item: SourceItem | undefined) => void)[] = []
  #wakePump: (() => void) | undefined
  #wakeFilled: (() => void) | undefined
  #dealt = 0
  #isClosed = false
  #isFinished = false

  /**
   * `count` conversations of `dataset`, which may be infinite. `prepare` makes the last changes to item `index`, such as its drawn output
   * limit; it runs here, ahead of need. Where tokenizing makes prompts dear, `likelyCount` of them are kept ready.
   */
  constructor(
    dataset: Dataset,
    context: DatasetContext,
    count: number,
    prepare: (conversation: Conversation, index: number) => Conversation,
    likelyCount = Number.isFinite(count) ? count : lookAheadItems,
  ) {
    this.#dataset = dataset
    this.#count = count
    this.#prepare = prepare
    // Tokenizing a prompt blocks for up to 30 ms (random text of 1024 tokens): it is done before the clock starts.
    this.#lookAheadItems = context.tokenizer === undefined ? lookAheadItems : likelyCount
    void this.#pump(dataset, context)
      .catch((error: Error) => {
        this.failure = error
      })
      .then(() => this.#finish())
  }

  /** When conversation `index` is wanted, where its dataset knows that ahead; undefined beyond the last. */
  arrivalMs(index: number): number | undefined {
    return index < this.#count ? this.#dataset.arrivalMs?.(index) : undefined
  }

  /** Conversations handed out so far. */
  get dealt(): number {
    return this.#dealt
  }

  /**
   * Resolves when the first look-ahead is filled, or `signal` fires; `onReady` hears how many are ready. Rejects when
   * not even one conversation could be had.
   */
  async filled(signal: AbortSignal, onReady: (ready: number) => void): Promise<void> {
    const wake = (): void => this.#wakeFilled?.()
    signal.addEventListener('abort', wake)
    while (!this.#isFinished && !this.#isFull() && !signal.aborted) {
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
      this.#readyChars -= charsOf(item)
      // Now and then: `shift` moves all that is left, 0.3 ms with 200 000 prompts.
      if (++this.#taken === 1024) this.#ready.splice(0, this.#taken)
      this.#taken %= 1024
      if (this.#readyCount < this.#lookAheadItems / 2) this.#wakePump?.()
      return item
    }
    if (this.#isFinished) return undefined
    return new Promise(resolve => this.#takers.push(resolve))
  }

  /** Deals no more; the dataset is left at its next item, which may be long in coming and is not waited for. */
  close(): void {
    this.#isClosed = true
    this.#ready.length = 0
    this.#taken = 0
    this.#wakePump?.()
    this.#finish()
  }

  get #readyCount(): number {
    return this.#ready.length - this.#taken
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
        if (this.#isFull()) await new Promise<void>(resolve => (this.#wakePump = resolve))
        if (this.#isClosed) return
        // Requests under way, signals and the progress line get their turn between prompts.
        if (index % 16 === 0 || context.tokenizer !== undefined) await new Promise(resolve => setImmediate(resolve))
      }
      // An offset beyond the end goes round; whole rounds need not be read again.
      toSkip %= Math.max(1, read)
      if (read === 0) {
        throw new ArgumentsError(`dataset ${context.settings.spec} is empty: it gave no prompt; give one that has some`)
      }
      // A second pass would be wanted at times that have gone by.
      if (dataset.hasArrivals) return
    }
  }

  #deal(item: SourceItem): void {
    const taker = this.#takers.shift()
    if (taker !== undefined) {
      this.#dealt++
      return taker(item)
    }
    this.#ready.push(item)
    this.#readyChars += charsOf(item)
    this.#wakeFilled?.()
  }

  #isFull(): boolean {
    return this.#readyCount >= this.#lookAheadItems || this.#readyChars >= lookAheadChars
  }

  #finish(): void {
    this.#isFinished = true
    this.#wakeFilled?.()
    for (const taker of this.#takers.splice(0)) taker(undefined)
  }
}

/** Size of a conversation's prompts, roughly: what keeps the look-ahead in bounds. */
const charsOf = ({ conversation }: SourceItem): number =>
  conversation.turns.reduce((sum, { prompt }) => sum + promptChars(prompt), 0)

const promptChars = (prompt: Prompt): number => {
  switch (prompt.kind) {
    case 'text':
      return prompt.text.length
    case 'tokens':
      return prompt.ids.length * 8
    case 'inputs':
      return textChars(prompt.inputs)
    case 'rerank':
      return prompt.query.length + textChars(prompt.documents)
    case 'messages':
      return prompt.messages.reduce((sum, { content }) => sum + contentChars(content), 0)
    case 'body':
      return prompt.text?.length ?? JSON.stringify(prompt.body).length
  }
}

const textChars = (texts: readonly string[]): number => texts.reduce((sum, text) => sum + text.length, 0)

/** Not by its JSON, which takes 2 ms to make where an image of 1 MB is in it. */
const contentChars = (content: JsonValue | undefined): number => {
  if (typeof content === 'string') return content.length
  if (typeof content !== 'object' || content === null) return 0
  return Object.values(content).reduce((sum: number, part) => sum + contentChars(part), 0)
}
