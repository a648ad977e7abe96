import type { AnswerText, RequestRecord } from '../model/record.ts'
import { rngFor } from '../stats/rng.ts'
import type { CountItem } from './count-item.ts'

/** Requests of a sample at most: the mean of their differences is then known to a thirtieth of their spread. */
const mostRequests = 1000
/** Characters of a sample at most: 250 000 tokens, which take some two seconds. */
const mostChars = 2 ** 20

/** A request that a tokenizer is to count though it has counts, or has none that are the server's. */
export interface SampledRequest extends CountItem {
  readonly requestId: string
  /** What the server says; undefined where it says nothing, or counts what we do not have. */
  readonly inputTokens: number | undefined
  readonly outputTokens: number | undefined
}

interface Entry {
  readonly draw: number
  readonly chars: number
  /** JSON of the request: as text it costs the garbage collector nothing. */
  readonly json: string
}

/**
 * Draws requests evenly out of a run of unknown length: each has a number of its own, drawn from the seed, and those with
 * the smallest are kept. So neither order nor threads change which these are.
 */
export class RequestSample {
  readonly #seed: number
  #entries: Entry[] = []
  /** Those that drew this or more are no longer kept. */
  #limit = 1
  #chars = 0

  constructor(seed: number) {
    this.#seed = seed
  }

  /** Offers a successful request. */
  add(record: RequestRecord, answer: AnswerText): void {
    const draw = rngFor(this.#seed, 'token-check', record.index, record.turn).float()
    if (draw >= this.#limit) return
    const json = JSON.stringify(sampled(record, answer))
    this.#entries.push({ draw, chars: json.length, json })
    this.#chars += json.length
    if (this.#entries.length > 2 * mostRequests || this.#chars > 2 * mostChars) this.#prune()
  }

  /** The sample; all that was offered where that is little, and at least one. */
  list(): readonly SampledRequest[] {
    this.#prune()
    return this.#entries.map(({ json }) => JSON.parse(json) as SampledRequest)
  }

  #prune(): void {
    const sorted = this.#entries.sort((a, b) => a.draw - b.draw)
    let [count, chars] = [0, 0]
    for (const entry of sorted) {
      if (count === mostRequests || (count > 0 && chars + entry.chars > mostChars)) break
      count++
      chars += entry.chars
    }
    this.#limit = sorted[count]?.draw ?? this.#limit
    this.#entries = sorted.slice(0, count)
    this.#chars = chars
  }
}

/**
 * A body that asks for several answers, of which a server may count more than we know: `n`, wherever the protocol has it.
 * Read from the text, as bodies of a megabyte would take ms to parse; within a text its quotes would be escaped.
 */
const asksSeveral = /"n":\s*(?:[2-9]|[1-9]\d)/

const sampled = ({ requestId, body, ...record }: RequestRecord, answer: AnswerText): SampledRequest => {
  const outputTokens = record.tokenSource === 'usage' ? record.outputTokens : undefined
  // How a model writes a call is its own, and some count reasoning that they do not show.
  const isHidden = (record.reasoningTokens ?? 0) > 0 && answer.reasoning === ''
  const { text, reasoning, others } = answer
  const callsTool = [answer, ...(others ?? [])].some(({ toolCalls = [] }) => toolCalls.length > 0)
  const isWhole = others !== undefined || !(body !== undefined && asksSeveral.test(body))
  const isCompared = outputTokens !== undefined && !isHidden && !callsTool && isWhole
  return {
    requestId,
    inputTokens: record.inputTokens,
    outputTokens,
    // Images are long, and a token of them is an estimate.
    body: body === undefined || body.length > mostChars || body.includes(';base64,') ? undefined : body,
    answer: isCompared ? { text, reasoning, ...(others && { others }) } : undefined,
    withoutTemplate: true,
  }
}
