import type { Tokenizer } from '../../tokenizers/tokenizer.ts'

/**
 * So many tokens before are decoded along: some tokenizers drop the space of the first token they are given, and a
 * character may be spread over several tokens.
 */
const contextTokens = 5

/** A character has at most four bytes, so this many tokens that make none will not make one any more. */
const patienceTokens = 8

/** Turns tokens into text as they come: whole characters only, a token's part of the text with that token. */
export class TokenText {
  readonly #tokenizer: Tokenizer
  #ids: readonly number[]
  /** How much of the text of `#ids` has been given away. */
  #given: number
  #waiting = 0

  constructor(tokenizer: Tokenizer, promptIds: readonly number[]) {
    this.#tokenizer = tokenizer
    this.#ids = promptIds.slice(-contextTokens)
    this.#given = whole(tokenizer.decode(this.#ids)).length
  }

  /** The text that this token completes; empty for special tokens, and for one whose character is not complete. */
  push(id: number): string {
    this.#ids = [...this.#ids, id]
    const text = this.#tokenizer.decode(this.#ids)
    const complete = whole(text)
    const isSettled = complete.length === text.length || ++this.#waiting >= patienceTokens
    const piece = (isSettled ? text : complete).slice(this.#given)
    if (isSettled) this.#settle()
    else this.#given += piece.length
    return piece
  }

  /** What was waited for in vain. */
  end(): string {
    return this.#tokenizer.decode(this.#ids).slice(this.#given)
  }

  #settle(): void {
    this.#waiting = 0
    this.#ids = this.#ids.slice(-contextTokens)
    this.#given = this.#tokenizer.decode(this.#ids).length
  }
}

/** Without the replacement characters at the end, in place of which another token may bring the real one. */
const whole = (text: string): string => text.replace(/\ufffd+$/, '')

/** Lets text through up to the first stop string; what may be the beginning of one waits. */
export class StopFilter {
  readonly #stops: readonly string[]
  #held = ''
  #isStopped = false

  constructor(stops: readonly string[]) {
    this.#stops = stops
  }

  get isStopped(): boolean {
    return this.#isStopped
  }

  /** The text that can be shown now. */
  push(text: string): string {
    const all = this.#held + text
    const at = firstOf(all, this.#stops)
    if (at !== undefined) {
      this.#isStopped = true
      this.#held = ''
      return all.slice(0, at)
    }
    const held = longestBeginning(all, this.#stops)
    this.#held = all.slice(all.length - held)
    return all.slice(0, all.length - held)
  }

  /** What was held back and turned out to be no stop string. */
  end(): string {
    const held = this.#held
    this.#held = ''
    return held
  }
}

const firstOf = (text: string, stops: readonly string[]): number | undefined => {
  const places = stops.map(stop => text.indexOf(stop)).filter(place => place >= 0)
  return places.length === 0 ? undefined : Math.min(...places)
}

/** Length of the longest end of the text with which one of the stop strings begins. */
const longestBeginning = (text: string, stops: readonly string[]): number => {
  const longest = Math.max(0, ...stops.map(stop => stop.length - 1))
  for (let length = Math.min(longest, text.length); length > 0; length--) {
    const end = text.slice(text.length - length)
    if (stops.some(stop => stop.startsWith(end))) return length
  }
  return 0
}
