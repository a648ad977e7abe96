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
  const text = decodeTrimmed(ids, tokenizer)
  const whole = { text, ids: tokenizer.encode(text) }
  if (whole.ids.length === ids.length) return whole
  // Encoding takes most of the time: of a long text only the end is encoded again.
  const head = headOf(whole, ids.length, tokenizer)
  let tail: readonly number[] = whole.ids.slice(head.ids.length)
  let tailText = ''
  const target = ids.length - head.ids.length
  for (let repair = 0; repair < maxRepairs && tail.length !== target; repair++) {
    const missing = target - tail.length
    const next = missing < 0 ? tail.slice(0, target) : [...tail, ...drawIds(missing, tokenizer, rng)]
    tailText = head.text === '' ? decodeTrimmed(next, tokenizer) : tokenizer.decode(next).trimEnd()
    tail = tokenizer.encode(tailText)
  }
  return { text: head.text + tailText, ids: [...head.ids, ...tail] }
}

/** Ordinary ids, each drawn for itself. */
export const drawIds = (count: number, tokenizer: Tokenizer, rng: Rng): readonly number[] => {
  const vocabulary = tokenizer.ordinaryIds()
  return Array.from({ length: count }, () => vocabulary[rng.integer(0, vocabulary.length - 1)] ?? 0)
}

// Chat templates trim their content, or put it behind a line break that would swallow a blank.
const decodeTrimmed = (ids: readonly number[], tokenizer: Tokenizer): string => tokenizer.decode(ids).trim()

/** Lengths of an end that are tried, in tokens: where one begins within a character or a word, another may not. */
const endLengths = [64, 72, 81, 96, 128, 256]

/**
 * The beginning of a text that repairs near place `length` of its ids leave as it is: what follows it has the same ids
 * by itself. Empty where the text is short or there is no such place.
 */
const headOf = ({ text, ids }: EncodedText, length: number, tokenizer: Tokenizer): EncodedText => {
  const repairedAt = Math.min(length, ids.length)
  for (const endLength of endLengths) {
    const start = repairedAt - endLength
    if (start <= 0) break
    const rest = tokenizer.decode(ids.slice(start))
    const end = ids.slice(start, repairedAt)
    // What a tokenizer has put together before it encoded (é of two characters) comes back as one.
    const whole = [text, text.normalize('NFC')].find(form => form.endsWith(rest))
    if (whole !== undefined && beginAlike(tokenizer.encode(tokenizer.decode(end)), end)) {
      return { text: whole.slice(0, -rest.length), ids: ids.slice(0, start) }
    }
  }
  return { text: '', ids: [] }
}

/** In their first half: where ids are cut, the last may change. */
const beginAlike = (some: readonly number[], others: readonly number[]): boolean =>
  others.slice(0, others.length / 2).every((id, index) => id === some[index])
