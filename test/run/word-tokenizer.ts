import type { Tokenizer } from '../../src/tokenizers/tokenizer.ts'

const wordsOf = (text: string): readonly string[] => text.split(' ').filter(word => word !== '')

/** Counts words; its marks around a text are two tokens, and its template adds two a message. */
export const wordTokenizer: Tokenizer = {
  encode: (text, addSpecialTokens = false) =>
    [...wordsOf(text), ...(addSpecialTokens ? ['[CLS]', '[SEP]'] : [])].map((_, index) => index),
  decode: () => '',
  encodeChat: messages => messages.flatMap(({ content }) => [0, 0, ...wordTokenizer.encode(String(content))]),
  hasChatTemplate: true,
  ordinaryIds: () => [],
}
