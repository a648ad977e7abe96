import type { AnswerText, RecordSink, RequestRecord } from '../model/record.ts'
import { hasOutputTokens, type Task } from '../model/run-plan.ts'
import type { TokenFindings } from '../model/token-findings.ts'
import { Backlog } from './backlog.ts'
import { checkSample } from './check-sample.ts'
import type { CountItem, ItemCounts } from './count-item.ts'
import type { Counting } from './count-worker.ts'
import { RequestSample } from './request-sample.ts'

type TokenCounts = Pick<RequestRecord, 'inputTokens' | 'outputTokens' | 'tokenSource'>

/** Where counts go that were found after the run. */
export interface CountReceiver {
  updateTokens(place: Pick<RequestRecord, 'index' | 'turn'>, counts: TokenCounts): void
}

/** What a counter is made of. */
export interface TokenCounterParts {
  readonly task: Task
  /** Decides which requests are compared. */
  readonly seed: number
  /** Where answers wait when they are many. */
  readonly directory: string
  /** Absent without a tokenizer: then nothing waits. */
  readonly startCounting: (() => Counting) | undefined
  /** Takes every record, as soon as it has its counts. */
  readonly next: RecordSink
}

/** How what waits is counted. */
export interface CountOptions {
  readonly receiver: CountReceiver
  /** Whether a sample is compared with what the server says. */
  readonly comparesUsage: boolean
  /** Ends the counting: what is left goes on as it is. */
  readonly stop: AbortSignal
  readonly onProgress: (done: number, all: number) => void
}

interface Waiting {
  readonly record: RequestRecord
  readonly answer: AnswerText
}

/**
 * Keeps the records whose server did not count them until the run is over, and has their tokens counted then:
 * tokenizing during the run would take the time that stamps need. All others pass straight on. Of both a sample is
 * counted, which tells whether the server's counts are to be believed.
 */
export class TokenCounter implements RecordSink {
  readonly #parts: TokenCounterParts
  readonly #backlog: Backlog
  readonly #sample: RequestSample
  #countedPrompts = 0
  #estimatedPrompts = 0
  #partialPrompts = 0
  #uncounted = 0
  #reason: string | undefined
  #oddUsage: string | undefined

  constructor(parts: TokenCounterParts) {
    this.#parts = parts
    this.#backlog = new Backlog(parts.directory)
    this.#sample = new RequestSample(parts.seed)
  }

  /** Records that wait to be counted. */
  get waiting(): number {
    return this.#backlog.count
  }

  /** Those, and until they are counted all that are left without a count because the disk was full. */
  get lacking(): number {
    return this.waiting + this.#uncounted
  }

  /** What servers sent in place of a count that is missing, the first such in their words. */
  get oddUsage(): string | undefined {
    return this.#oddUsage
  }

  write(record: RequestRecord, answer?: AnswerText): void {
    const { startCounting, next } = this.#parts
    const isSuccess = record.phase === 'measured' && record.failure === undefined
    const isCounted = record.tokenSource === 'usage' && record.inputTokens !== undefined
    if (isSuccess && !isCounted) this.#oddUsage ??= answer?.oddUsage
    if (startCounting === undefined || answer === undefined || !isSuccess) return next.write(record)
    this.#sample.add(record, answer)
    if (isCounted) return next.write(record)
    // The store has the answer as it came; 200 chunks of it are 40 KB that no count needs.
    const waiting: Waiting = { record: { ...record, responseJson: undefined }, answer }
    if (!this.#backlog.add(JSON.stringify(waiting))) this.#leave(record, 'the disk takes no more answers that wait')
  }

  close(): void {}

  /** Counts what waits and passes it on, then the sample; undefined where nothing was to be counted. */
  async countAll(options: CountOptions): Promise<TokenFindings | undefined> {
    const { stop, onProgress, comparesUsage } = options
    const sample = comparesUsage ? this.#sample.list() : []
    const all = this.waiting + sample.length
    const counting = all === 0 ? undefined : this.#parts.startCounting?.()
    if (counting === undefined) return undefined
    let done = 0
    const onCounted = (count: number): void => {
      done += count
      onProgress(done, all)
    }
    const end = (): void => counting.end()
    stop.addEventListener('abort', end)
    if (stop.aborted) end()
    // The thread first loads its tokenizer.
    onCounted(0)
    try {
      await this.#countWaiting(counting, options.receiver, onCounted)
      const found = await checkSample(sample, counting, onCounted)
      return { ...found, ...this.#findings(counting.problem) }
    } finally {
      stop.removeEventListener('abort', end)
    }
  }

  async #countWaiting(counting: Counting, receiver: CountReceiver, onCounted: (count: number) => void): Promise<void> {
    for await (const lines of this.#backlog.read()) {
      const waiting = lines.map(line => JSON.parse(line) as Waiting)
      const counts = await counting.count(waiting.map(each => itemOf(each, this.#parts.task)))
      for (const [position, { record }] of waiting.entries()) {
        const found = counts?.[position]
        if (found === undefined) this.#leave(record, counting.problem ?? 'counting was ended')
        else this.#settle(record, found, receiver)
      }
      onCounted(waiting.length)
    }
  }

  #settle(record: RequestRecord, found: ItemCounts, receiver: CountReceiver): void {
    const counts = countsOf(record, found, this.#parts.task)
    if (record.inputTokens === undefined && counts.inputTokens !== undefined) {
      if (record.tokenSource === 'usage') this.#countedPrompts++
      if (found.hasImages) this.#estimatedPrompts++
      if (found.isPartialPrompt) this.#partialPrompts++
    }
    receiver.updateTokens(record, counts)
    const counted = { ...record, ...counts }
    if (found.problem === undefined) this.#parts.next.write(counted)
    else this.#leave(counted, found.problem)
  }

  /** Passes a record on though it lacks a count. */
  #leave(record: RequestRecord, reason: string): void {
    this.#uncounted++
    this.#reason ??= reason
    this.#parts.next.write(record)
  }

  #findings(problem: string | undefined): Omit<TokenFindings, 'input' | 'output' | 'template' | 'unchecked'> {
    const reason = this.#reason ?? problem
    return {
      countedPrompts: this.#countedPrompts,
      estimatedPrompts: this.#estimatedPrompts,
      partialPrompts: this.#partialPrompts,
      uncounted: reason === undefined ? undefined : { requests: this.#uncounted, reason },
    }
  }
}

/** What the server did not count. */
const itemOf = ({ record, answer }: Waiting, task: Task): CountItem => ({
  body: record.inputTokens === undefined ? record.body : undefined,
  answer: hasOutputTokens(task) && record.tokenSource !== 'usage' ? answer : undefined,
})

/** The server's counts first, the tokenizer's second. */
const countsOf = (record: RequestRecord, { promptTokens, answerTokens }: ItemCounts, task: Task): TokenCounts => {
  const inputTokens = record.inputTokens ?? promptTokens
  if (!hasOutputTokens(task)) {
    return { inputTokens, outputTokens: undefined, tokenSource: inputTokens === undefined ? undefined : 'tokenizer' }
  }
  // Output without text that we know, as a plugin may read it, has no tokens that could be counted.
  if (!answerTokens) return { inputTokens, outputTokens: record.outputTokens, tokenSource: record.tokenSource }
  return { inputTokens, outputTokens: answerTokens, tokenSource: 'tokenizer' }
}
