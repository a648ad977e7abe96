import type { ComparedRequest, TemplateShare, UsageComparison } from '../model/token-findings.ts'

/** How far usage is off the tokenizer, in percent of this; undefined where it counts nothing. */
export const differencePercent = (counts: Pick<ComparedRequest, 'usage' | 'tokenizer'>): number | undefined =>
  counts.tokenizer === 0 ? undefined : (100 * (counts.usage - counts.tokenizer)) / counts.tokenizer

/** An end mark, or a seam where text is tokenized otherwise than it was generated. */
const seamTokens = 2

/** Folds requests that both the server and a tokenizer counted: their prompts, or their answers. */
export class UsageCheck {
  #requests = 0
  #usage = 0
  #tokenizer = 0
  #least = Number.POSITIVE_INFINITY
  #most = Number.NEGATIVE_INFINITY
  #worst: ComparedRequest | undefined

  add(request: ComparedRequest): void {
    const difference = request.usage - request.tokenizer
    this.#requests++
    this.#usage += request.usage
    this.#tokenizer += request.tokenizer
    this.#least = Math.min(this.#least, difference)
    this.#most = Math.max(this.#most, difference)
    if (difference !== 0 && (this.#worst === undefined || isWorse(request, this.#worst))) this.#worst = request
  }

  /** Undefined where nothing was compared. */
  get comparison(): UsageComparison | undefined {
    if (this.#requests === 0) return undefined
    const [requests, usage, tokenizer] = [this.#requests, this.#usage, this.#tokenizer]
    return {
      requests,
      meanUsage: usage / requests,
      meanTokenizer: tokenizer / requests,
      differencePercent: differencePercent({ usage, tokenizer }),
      constantDifference: requests > 1 && this.#least === this.#most ? this.#most : undefined,
      worst: this.#worst,
    }
  }
}

/** By share, as prompts differ in length; but a token of a short answer is no news beside a tenth of a long one. */
const isWorse = (one: ComparedRequest, other: ComparedRequest): boolean => {
  const [beyond, otherBeyond] = [share(one, seamTokens), share(other, seamTokens)]
  return beyond === otherBeyond ? share(one, 0) > share(other, 0) : beyond > otherBeyond
}

const share = ({ usage, tokenizer }: ComparedRequest, tolerated: number): number =>
  Math.max(0, Math.abs(usage - tokenizer) - tolerated) / Math.max(1, tokenizer)

/** Folds prompts that were counted with and without the chat template. */
export class TemplateCheck {
  #requests = 0
  #promptTokens = 0
  #textTokens = 0

  add(promptTokens: number, textTokens: number): void {
    this.#requests++
    this.#promptTokens += promptTokens
    this.#textTokens += textTokens
  }

  /** Undefined where a template adds nothing: to bare prompts, or where there is none. */
  get share(): TemplateShare | undefined {
    const requests = this.#requests
    if (this.#promptTokens <= this.#textTokens) return undefined
    return {
      requests,
      meanPromptTokens: this.#promptTokens / requests,
      meanTextTokens: this.#textTokens / requests,
    }
  }
}
