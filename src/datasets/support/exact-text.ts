import type { Rng } from '../../stats/rng.ts'
import type { Tokenizer } from '../../tokenizers/tokenizer.ts'

const maxRepairs = 10

/** A text and the ids that the tokenizer gives it. */
export interface EncodedText {
  readonly text: string
  readonly ids: readonly number[]
}

/**
 * A text of as many tokens as there are ids: decoded ids merge and split when they are encoded again, so what comes back
 * is cut or filled up with drawn ids and tried again. Misses the length only after ten repairs.
 */
export const fitText = (ids: readonly number[], tokenizer: Tokenizer, rng: Rng): EncodedText => {
  let fitted = encodeDecoded(ids, tokenizer)
  for (let repair = 0; repair < maxRepairs && fitted.ids.length !== ids.length; repair++) {
    const missing = ids.length - fitted.ids.length
    const next = missing < 0 ? fitted.ids.slice(0, ids.length) : [...fitted.ids, ...drawIds(missing, tokenizer, rng)]
    fitted = encodeDecoded(next, tokenizer)
  }
  return fitted
}

/** Ordinary ids, each drawn for itself. */
export const drawIds = (count: number, tokenizer: Tokenizer, rng: Rng): readonly number[] => {
  const vocabulary = tokenizer.ordinaryIds()
  return Array.from({ length: count }, () => vocabulary[rng.integer(0, vocabulary.length - 1)] ?? 0)
}

const encodeDecoded = (ids: readonly number[], tokenizer: Tokenizer): EncodedText => {
  // Chat templates trim their content, or put it behind a line break that would swallow a blank.
  const text = tokenizer.decode(ids).trim()
  return { text, ids: tokenizer.encode(text) }
}
