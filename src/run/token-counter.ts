import { reasonOf } from '../errors.ts'
import type { JsonObject } from '../model/json.ts'
import type { AnswerText, RecordSink, RequestRecord } from '../model/record.ts'
import { hasOutputTokens, type Task } from '../model/run-plan.ts'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'
import { promptTokens } from './prompt-tokens.ts'

type TokenCounts = Pick<RequestRecord, 'inputTokens' | 'outputTokens' | 'tokenSource'>

/** Where counts go that were found after the run. */
export interface CountReceiver {
  updateTokens(place: Pick<RequestRecord, 'index' | 'turn'>, counts: TokenCounts): void
}

/**
 * Keeps the records whose server reported no usage until the run is over, and counts their tokens then: tokenizing
 * during the run would take the time that stamps need. All other records pass straight on.
 */
export class TokenCounter implements RecordSink {
  readonly #task: Task
  readonly #tokenizer: Tokenizer | undefined
  readonly #next: RecordSink
  readonly #waiting: { readonly record: RequestRecord; readonly answer: AnswerText }[] = []

  constructor(task: Task, tokenizer: Tokenizer | undefined, next: RecordSink) {
    this.#task = task
    this.#tokenizer = tokenizer
    this.#next = next
  }

  /** Records that wait to be counted. */
  get waiting(): number {
    return this.#waiting.length
  }

  write(record: RequestRecord, answer?: AnswerText): void {
    const isCounted = record.tokenSource === 'usage' && record.inputTokens !== undefined
    if (this.#tokenizer === undefined || answer === undefined || record.failure !== undefined || isCounted) {
      this.#next.write(record)
    } else {
      // The store has the answer; 200 chunks of it are 40 KB that no count needs.
      this.#waiting.push({ record: { ...record, responseJson: undefined }, answer })
    }
  }

  close(): void {}

  /**
   * Counts what waits and passes it on; `receiver` hears of every new count. Resolves with the first reason for which
   * a record could not be counted and went on as it was: a template may refuse messages that the server took.
   */
  async countAll(receiver: CountReceiver): Promise<string | undefined> {
    const tokenizer = this.#tokenizer
    if (tokenizer === undefined) return undefined
    let refusal: string | undefined
    for (const [position, { record, answer }] of this.#waiting.entries()) {
      try {
        const counts = this.#count(record, answer, tokenizer)
        receiver.updateTokens(record, counts)
        this.#next.write({ ...record, ...counts })
      } catch (error) {
        refusal ??= reasonOf(error)
        this.#next.write(record)
      }
      // Signals and the progress line get their turn.
      if (position % 20 === 0) await new Promise(resolve => setImmediate(resolve))
    }
    this.#waiting.length = 0
    return refusal
  }

  #count(record: RequestRecord, answer: AnswerText, tokenizer: Tokenizer): TokenCounts {
    const inputTokens = record.inputTokens ?? promptTokens(JSON.parse(record.body) as JsonObject, this.#task, tokenizer)
    if (!hasOutputTokens(this.#task)) {
      return { inputTokens, outputTokens: undefined, tokenSource: inputTokens === undefined ? undefined : 'tokenizer' }
    }
    if (record.tokenSource === 'usage') return { ...record, inputTokens }
    const outputTokens = tokenizer.encode(answer.reasoning).length + tokenizer.encode(answer.text).length
    return { inputTokens, outputTokens, tokenSource: 'tokenizer' }
  }
}
