import type { ConversationFigure } from '../model/result.ts'
import { type AnsweredTurn, type CachedPart, conversationFigures, estimatedPart } from './conversation-figures.ts'
import { Samples } from './samples.ts'

/** The figures of conversations, in the order of their table. */
export const conversationFigureNames: readonly ConversationFigure[] = [
  'latency',
  'firstTtft',
  'ttfat',
  'decodeRate',
  'cachedPercent',
  'eligibleCachedPercent',
  'estimatedCachedPercent',
]

/** The figures of conversations that are over: a double for each that one has. */
export class ConversationSamples {
  readonly #byFigure = conversationFigureNames.map(() => new Samples())
  #estimatedTokens = 0
  #estimatedOfTokens = 0
  #count = 0

  get count(): number {
    return this.#count
  }

  /** The estimates of what could have been cached, summed. */
  get estimated(): CachedPart {
    return { cachedTokens: this.#estimatedTokens, ofTokens: this.#estimatedOfTokens }
  }

  /** Durations in µs, rates in tok/s. */
  of(figure: ConversationFigure): Samples {
    return this.#byFigure[conversationFigureNames.indexOf(figure)] as Samples
  }

  /** Takes the successful turns of one conversation, in any order; none make no conversation. */
  add(turns: readonly AnsweredTurn[]): void {
    if (turns.length === 0) return
    const inOrder = turns.toSorted((a, b) => a.turn - b.turn)
    const figures = conversationFigures(inOrder)
    for (const [index, name] of conversationFigureNames.entries()) {
      const value = figures[name]
      if (value !== undefined) this.#byFigure[index]?.add(value)
    }
    const estimated = estimatedPart(inOrder)
    this.#estimatedTokens += estimated?.cachedTokens ?? 0
    this.#estimatedOfTokens += estimated?.ofTokens ?? 0
    this.#count++
  }

  merge(other: ConversationSamples): void {
    for (const [index, samples] of this.#byFigure.entries()) samples.merge(other.#byFigure[index] as Samples)
    this.#estimatedTokens += other.#estimatedTokens
    this.#estimatedOfTokens += other.#estimatedOfTokens
    this.#count += other.#count
  }
}
