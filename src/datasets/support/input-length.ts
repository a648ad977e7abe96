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
  const emptyTokens = countTokens('')
  // Wide limits need no count. The bound is safe: no normaliser makes more than 33 bytes of one UTF-16 unit (NFKC of
  // U+FDFA), and a token stands for at least one byte.
  const isSurelyWithin = (text: string): boolean => min <= emptyTokens && emptyTokens + 33 * text.length <= max
  return { unit: 'tokens', accepts: text => isSurelyWithin(text) || isWithin(countTokens(text)) }
}

/** Code points, as Python's `len` counts. */
export const countCharacters = (text: string): number => {
  let count = 0
  for (const _ of text) count++
  return count
}
