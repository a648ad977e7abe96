import type { RequestRecord } from '../model/record.ts'
import { ttftUs } from './metrics.ts'
import { TimeBins } from './time-bins.ts'

/** Tokens of one kind each; prompt tokens apart by whether the server had them in its cache. */
export interface TokenAmounts {
  readonly completion: number
  readonly newPrompt: number
  readonly cachedPrompt: number
}

// The counters of a bin.
const [completion, newPrompt, cachedPrompt] = [0, 1, 2]

/**
 * When the tokens of the successes came, in flat memory: output tokens with the chunks that carried them, prompt tokens
 * with the first token; without streaming both at the end. Any order and any split with `merge` gives the same.
 */
export class TokenTimeline {
  readonly #bins = new TimeBins(3)
  #completion = 0
  #newPrompt = 0
  #cachedPrompt = 0
  #outputCounts = 0
  #inputCounts = 0
  #cachedCounts = 0

  /** Successes whose output tokens are known. */
  get outputCounts(): number {
    return this.#outputCounts
  }

  /** Successes whose prompt tokens are known. */
  get inputCounts(): number {
    return this.#inputCounts
  }

  /** Successes whose server says what it had cached. */
  get cachedCounts(): number {
    return this.#cachedCounts
  }

  get totals(): TokenAmounts {
    return { completion: this.#completion, newPrompt: this.#newPrompt, cachedPrompt: this.#cachedPrompt }
  }

  /** Takes a success. */
  add(record: RequestRecord): void {
    const { sentUs, endUs, inputTokens, outputTokens, cachedTokens } = record
    const ttft = ttftUs(record)
    // An API plugin that reports an end before the last chunk must not move tokens out of the run.
    const firstTokenUs = ttft === undefined ? endUs : Math.min(sentUs + ttft, endUs)
    this.#bins.cover(firstTokenUs, endUs)
    if (inputTokens !== undefined) this.#addPrompt(firstTokenUs, inputTokens, cachedTokens)
    if (outputTokens !== undefined) this.#addCompletion(record, firstTokenUs, outputTokens)
  }

  merge(other: TokenTimeline): void {
    this.#bins.merge(other.#bins)
    this.#completion += other.#completion
    this.#newPrompt += other.#newPrompt
    this.#cachedPrompt += other.#cachedPrompt
    this.#outputCounts += other.#outputCounts
    this.#inputCounts += other.#inputCounts
    this.#cachedCounts += other.#cachedCounts
  }

  /** What came after one moment, up to another; exact over a whole run, else to the grain of the bins (10 ms). */
  tokensBetween(fromUs: number, toUs: number): TokenAmounts {
    const [completion = 0, newPrompt = 0, cachedPrompt = 0] = this.#bins.sumsBetween(fromUs, toUs)
    return { completion, newPrompt, cachedPrompt }
  }

  #addPrompt(atUs: number, inputTokens: number, reportedTokens: number | undefined): void {
    const cachedTokens = reportedTokens ?? 0
    if (reportedTokens !== undefined) this.#cachedCounts++
    const newTokens = Math.max(inputTokens - cachedTokens, 0)
    this.#inputCounts++
    this.#newPrompt += newTokens
    this.#cachedPrompt += cachedTokens
    this.#bins.add(newPrompt, atUs, newTokens)
    this.#bins.add(cachedPrompt, atUs, cachedTokens)
  }

  #addCompletion({ endUs, gapsUs, isStream }: RequestRecord, firstTokenUs: number, tokens: number): void {
    this.#outputCounts++
    this.#completion += tokens
    const chunks = isStream ? gapsUs.length + 1 : 1
    let arrivalUs = firstTokenUs
    let credited = 0
    for (let chunk = 1; chunk <= chunks; chunk++) {
      // Whole tokens, as even as they can be: nothing says how many a chunk carries.
      const due = Math.floor((chunk * tokens) / chunks)
      this.#bins.add(completion, Math.min(arrivalUs, endUs), due - credited)
      credited = due
      arrivalUs += gapsUs[chunk - 1] ?? 0
    }
  }
}
