import { reasonOf } from '../errors.ts'
import type { Message } from '../model/conversation.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import type { AnswerText, RecordSink, RequestRecord } from '../model/record.ts'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'

/** Where counts go that were found after the run. */
export interface CountReceiver {
  updateTokens(place: Pick<RequestRecord, 'index' | 'turn'>, counts: Pick<RequestRecord, 'inputTokens' | 'outputTokens' | 'tokenSource'>): void
}

/**
 * Keeps the records whose server reported no usage until the run is over, and counts their tokens then: tokenizing
 * during the run would take the time that stamps need. All other records pass straight on.
 */
export class TokenCounter implements RecordSink {
  readonly #tokenizer: Tokenizer | undefined
  readonly #next: RecordSink
  readonly #waiting: { readonly record: RequestRecord; readonly answer: AnswerText }[] = []

  constructor(tokenizer: Tokenizer | undefined, next: RecordSink) {
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
        const counts = countTokens(record, answer, tokenizer)
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
}

const countTokens = (
  record: RequestRecord,
  answer: AnswerText,
  tokenizer: Tokenizer,
): Pick<RequestRecord, 'inputTokens' | 'outputTokens' | 'tokenSource'> => {
  const inputTokens = record.inputTokens ?? promptTokens(JSON.parse(record.body) as JsonObject, tokenizer)
  if (record.tokenSource === 'usage') return { ...record, inputTokens }
  const outputTokens = tokenizer.encode(answer.reasoning).length + tokenizer.encode(answer.text).length
  return { inputTokens, outputTokens, tokenSource: 'tokenizer' }
}

/** Prompt tokens of a body as sent: its messages in the chat template, its text, or its ids. */
const promptTokens = (body: JsonObject, tokenizer: Tokenizer): number | undefined => {
  const { messages, prompt } = body
  if (Array.isArray(messages)) {
    const list = messages.filter(isJsonObject) as unknown as readonly Message[]
    return tokenizer.hasChatTemplate ? tokenizer.encodeChat(list).length : plainLength(list, tokenizer)
  }
  if (typeof prompt === 'string') return tokenizer.encode(prompt, true).length
  return Array.isArray(prompt) ? prompt.length : undefined
}

const plainLength = (messages: readonly Message[], tokenizer: Tokenizer): number =>
  messages.reduce((sum, { content }) => sum + tokenizer.encode(contentText(content)).length, 0)

const contentText = (content: JsonValue | undefined): string =>
  typeof content === 'string' ? content : JSON.stringify(content ?? '')
