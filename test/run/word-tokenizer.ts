import type { Tokenizer } from '../../src/tokenizers/tokenizer.ts'

const wordsOf = (text: string): readonly string[] => text.split(' ').filter(word => word !== '')

/** Counts words; its marks around a text are two tokens, around a pair three, and its template adds two a message. */
export const wordTokenizer: Tokenizer = {
  encode: (text, addSpecialTokens = false, pair = undefined) => {
    const marks = addSpecialTokens ? ['[CLS]', '[SEP]', ...(pair === undefined ? [] : ['[SEP]'])] : []
    return [...wordsOf(text), ...wordsOf(pair ?? ''), ...marks].map((_, index) => index)
  },
  decode: () => '',
  encodeChat: messages => messages.flatMap(({ content }) => [0, 0, ...wordTokenizer.encode(String(content))]),
  hasChatTemplate: true,
  ordinaryIds: () => [],
}
