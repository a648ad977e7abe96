import type { Tokenizer } from '../../../src/tokenizers/tokenizer.ts'

/** From here on ids are special tokens, without text. */
export const firstSpecialId = 256

/** Begins a text that is encoded with special tokens. */
export const beginId = 300

/** A tokenizer whose tokens are the bytes of UTF-8: most characters outside of ASCII take several. */
export const byteTokenizer = (hasChatTemplate = true): Tokenizer => {
  const encode = (text: string, addSpecialTokens = false): readonly number[] => [
    ...(addSpecialTokens ? [beginId] : []),
    ...Buffer.from(text),
  ]
  return {
    encode,
    decode: ids => Buffer.from(ids.filter(id => id < firstSpecialId)).toString(),
    encodeChat: messages => encode(`${messages.map(({ role, content }) => `${role}:${content}\n`).join('')}>`),
    hasChatTemplate,
    ordinaryIds: () => [],
  }
}
