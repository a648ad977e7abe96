import { ArgumentsError } from '../../errors.ts'
import type { Rng } from '../../stats/rng.ts'
import type { Tokenizer } from '../../tokenizers/tokenizer.ts'
import { type CountedText, headWith, topUp } from './cut-text.ts'
import { type Cut, findCut } from './find-cut.ts'
import { createHeadCounter } from './head-counter.ts'

/** Beginnings of one long text that fill prompts up to a length. */
export interface Prefix {
  /** One of `tokens` tokens, without blanks at its end: chat templates trim their contents. */
  ofLength(tokens: number): CountedText
  /** One glued in front of `text`: `tokens` tokens together, of which the text has `textTokens` by itself. */
  before(text: string, textTokens: number, tokens: number): CountedText
}

/** Text beyond the longest piece, to look for its end in. */
const spareTokens = 256

/** No vocabulary known has a longer token of dashes or blanks. */
const mostCharsPerToken = 128

/** Beginnings of `corpus`, repeated where it is too short, up to `maxTokens` tokens. */
export const createPrefix = (corpus: string, maxTokens: number, tokenizer: Tokenizer, rng: Rng): Prefix => {
  const pool = fillPool(corpus, maxTokens + spareTokens, tokenizer)
  const charsOf = createCharsOf(pool.ids, tokenizer)
  const countHead = createHeadCounter(pool.text, tokenizer)
  const find = (target: number, guess: number, endOf: (end: number) => number, behind: string): CountedText => {
    const countAt = (end: number): number => countHead(endOf(end), behind)
    const { nearest, below } = findCut({ text: pool.text, target, guess, countAt })
    const at = ({ end, tokens }: Cut): CountedText => ({ text: pool.text.slice(0, endOf(end)), tokens })
    if (nearest.tokens === target) return at(nearest)
    const base = at(below)
    const count = (filled: string): number => countHead(base.text.length, filled.slice(base.text.length) + behind)
    return topUp(base, { target, tokenizer, rng, count }, at(nearest))
  }
  const trimmedEnd = (end: number): number => pool.text.slice(0, end).trimEnd().length
  return {
    ofLength: tokens => find(tokens, charsOf(tokens), trimmedEnd, ''),
    before: (text, textTokens, total) => {
      const piece = find(total, charsOf(total - textTokens), end => end, text)
      return { text: piece.text + text, tokens: piece.tokens }
    },
  }
}

const fillPool = (corpus: string, tokens: number, tokenizer: Tokenizer) => {
  const head = headWith(corpus, tokens, tokenizer)
  if (head.ids.length >= tokens) return head
  if (head.ids.length === 0) {
    throw new ArgumentsError('prefix_file: the tokenizer finds no tokens in its text; give a file with another text')
  }
  // Repetitions merge where they meet, those of a dash by the dozen. A tokenizer that makes one token of any run ends it.
  const mostChars = (tokens + 1) * mostCharsPerToken + corpus.length
  for (let repeats = Math.ceil(tokens / head.ids.length) + 1; ; repeats *= 2) {
    const text = corpus.repeat(repeats)
    const ids = tokenizer.encode(text)
    if (ids.length >= tokens || text.length > mostChars) return { text, ids }
  }
}

const blockTokens = 256

/** Roughly how many characters the first tokens have; in blocks, because decoding all of them takes 0.1 s. */
const createCharsOf = (ids: readonly number[], tokenizer: Tokenizer): ((tokens: number) => number) => {
  const charsBetween = (from: number, to: number): number => tokenizer.decode(ids.slice(from, to)).length
  const starts = [0]
  for (let from = 0; from < ids.length; from += blockTokens) {
    starts.push((starts.at(-1) ?? 0) + charsBetween(from, from + blockTokens))
  }
  return tokens => {
    const block = Math.floor(tokens / blockTokens)
    return (starts[block] ?? 0) + charsBetween(block * blockTokens, tokens)
  }
}
