import type { DatasetContext } from '../dataset.ts'

/** The limits of `--min-prompt-length` and `--max-prompt-length` as a question about one text. */
export interface LengthLimit {
  readonly unit: 'characters' | 'tokens'
  accepts(text: string): boolean
}

/** Measures in tokens when there is a tokenizer, else in characters; both limits are included. */
export const createLengthLimit = ({ settings, tokenizer }: DatasetContext): LengthLimit => {
  const { minPromptLength: min, maxPromptLength: max } = settings
  const isWithin = (length: number): boolean => length >= min && length <= max
  if (tokenizer === undefined) return { unit: 'characters', accepts: text => isWithin(countCharacters(text)) }
  const countTokens = (text: string): number =>
    settings.chat && tokenizer.hasChatTemplate
      ? tokenizer.encodeChat([{ role: 'user', content: text }]).length
      : tokenizer.encode(text, true).length
  // Not around an empty one: some templates refuse it.
  const tokensAround = countTokens('a') - tokenizer.encode('a').length
  const mostOfText = max - tokensAround - seamTokens
  // Wide limits need no count, which takes a millisecond for 1000 tokens, also of prompts that are passed over.
  const isSurelyWithin = (text: string): boolean => min <= tokensAround && isSurelyWithinTokens(text, mostOfText)
  return { unit: 'tokens', accepts: text => isSurelyWithin(text) || isWithin(countTokens(text)) }
}

/** What may be split otherwise where a text meets its template. */
const seamTokens = 16

/**
 * Whether a text has surely no more tokens, each of which stands for at least one byte: no normaliser makes more than 33
 * bytes of one UTF-16 unit (NFKC of U+FDFA) and, of most that texts consist of, 3 (a blank may become U+2581).
 */
const isSurelyWithinTokens = (text: string, most: number): boolean => {
  if (33 * text.length <= most) return true
  if (3 * text.length > most) return false
  let left = most
  for (let index = 0; index < text.length && left >= 0; index++) left -= isPlain(text.charCodeAt(index)) ? 3 : 33
  return left >= 0
}

/** ASCII; dashes, quotation marks and dots; Chinese characters and punctuation, also in full width. */
const isPlain = (unit: number): boolean =>
  unit < 0x80 ||
  (unit >= 0x2010 && unit <= 0x2026) ||
  (unit >= 0x3000 && unit <= 0x303f) ||
  (unit >= 0x4e00 && unit <= 0x9fff) ||
  (unit >= 0xff01 && unit <= 0xff5e)

/** Code points, as Python's `len` counts. */
export const countCharacters = (text: string): number => {
  let count = 0
  for (const _ of text) count++
  return count
}
