import type { Rng } from '../../stats/rng.ts'
import type { Tokenizer } from '../../tokenizers/tokenizer.ts'
import { drawIds, type EncodedText } from './exact-text.ts'
import { findCut } from './find-cut.ts'
import { createHeadCounter } from './head-counter.ts'

/** A text and how many tokens it has when it is encoded again, as a server does. */
export interface CountedText {
  readonly text: string
  readonly tokens: number
}

// A token of real text has about four characters; where it has more, a longer piece is tried.
const charsPerToken = 6

/**
 * The text itself up to `target` tokens, else its beginning with that many: within one token, because a character may
 * be several of them. Ids that are cut and decoded would drift by more, so it is the text that is cut, and counted.
 */
export const cutText = (text: string, target: number, tokenizer: Tokenizer, rng: Rng): CountedText => {
  // More than the target by what the last word may lose when it is whole.
  const head = headWith(text, target + 16, tokenizer)
  if (head.ids.length <= target) return { text, tokens: head.ids.length }
  // Blanks at the end are left out: chat templates trim their content.
  const piece = (end: number): string => text.slice(0, end).trimEnd()
  const countHead = createHeadCounter(head.text, tokenizer)
  const countAt = (end: number): number => countHead(piece(end).length, '')
  const guess = tokenizer.decode(head.ids.slice(0, target)).replace(/\uFFFD+$/, '').length
  const { nearest, below } = findCut({ text: head.text, target, guess, countAt })
  const cut = { text: piece(nearest.end), tokens: nearest.tokens }
  // A prompt is not to be empty, which for a target of one token is within one, too.
  if (cut.text !== '' && Math.abs(cut.tokens - target) <= 1) return cut
  const count = (filled: string): number => tokenizer.encode(filled).length
  return topUp({ text: piece(below.end), tokens: below.tokens }, { target, tokenizer, rng, count }, cut)
}

/**
 * The beginning of the text that has at least `tokens` tokens, or all of it, with their ids: a long text is not encoded
 * for a short piece.
 */
export const headWith = (text: string, tokens: number, tokenizer: Tokenizer): EncodedText => {
  for (let chars = tokens * charsPerToken; ; chars *= 2) {
    const head = text.slice(0, chars)
    const ids = tokenizer.encode(head)
    if (ids.length >= tokens || head.length === text.length) return { text: head, ids }
  }
}

const maxTopUps = 20

/** What a text is filled up to. */
export interface TopUp {
  readonly target: number
  readonly tokenizer: Tokenizer
  readonly rng: Rng
  /** Tokens of the text so far with something behind it. */
  readonly count: (filled: string) => number
}

/**
 * The text with drawn words behind it for the tokens it lacks; `otherwise` when none of them comes nearer. Only for
 * texts whose own characters jump over the target.
 */
export const topUp = (
  { text, tokens }: CountedText,
  { target, tokenizer, rng, count }: TopUp,
  otherwise: CountedText,
): CountedText => {
  let best = otherwise
  let missing = target - tokens
  const blank = /\S$/.test(text) ? ' ' : ''
  for (let attempt = 0; attempt < maxTopUps && best.tokens !== target; attempt++) {
    const words = tokenizer.decode(drawIds(missing, tokenizer, rng)).trim()
    // Pieces of characters and of markup are no words.
    if (!/^[\p{L}\p{N} ]+$/u.test(words)) continue
    const filled = text + blank + words
    const next = { text: filled, tokens: count(filled) }
    if (Math.abs(next.tokens - target) < Math.abs(best.tokens - target)) best = next
    missing = Math.max(1, missing + Math.sign(target - next.tokens))
  }
  return best
}
