import type { Tokenizer } from '../../tokenizers/tokenizer.ts'

const maxTries = 10
/** What a decoder puts in place of a character that it has only a part of. */
const partOfCharacter = '\uFFFD'

/**
 * The start of a text that has at most so many tokens, counted bare: cut between tokens, and rather earlier than within
 * a character or where the cut text would have more tokens than before. Shorter texts stay as they are.
 */
export const cutText = (text: string, maxTokens: number, tokenizer: Tokenizer): string => {
  const ids = tokenizer.encode(text)
  if (ids.length <= maxTokens) return text
  for (let kept = maxTokens; kept > Math.max(0, maxTokens - maxTries); kept--) {
    const cut = tokenizer.decode(ids.slice(0, kept))
    const isSplit = cut.endsWith(partOfCharacter) && !text.startsWith(cut)
    if (!isSplit && tokenizer.encode(cut).length <= maxTokens) return cut
  }
  return tokenizer.decode(ids.slice(0, maxTokens))
}
