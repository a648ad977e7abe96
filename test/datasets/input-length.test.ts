import fc from 'fast-check'
import { expect, test } from 'vitest'
import { countCharacters, createLengthLimit } from '../../src/datasets/support/input-length.ts'
import { loadTokenizer } from '../../src/tokenizers/index.ts'
import type { Tokenizer } from '../../src/tokenizers/tokenizer.ts'
import { qwenTokenizerPath, wordsTokenizerPath } from '../tokenizers/paths.ts'
import { createContext } from './context.ts'

const words = await loadTokenizer(wordsTokenizerPath)
const qwen = await loadTokenizer(qwenTokenizerPath)

const accepts = (text: string, min: number, max: number, chat: boolean, tokenizer?: Tokenizer): boolean =>
  createLengthLimit(
    createContext({ minPromptLength: min, maxPromptLength: max, chat }, tokenizer === undefined ? {} : { tokenizer }),
  ).accepts(text)

/** The only length that the limits accept. */
const measured = (text: string, chat: boolean, tokenizer?: Tokenizer): number | undefined =>
  Array.from({ length: 60 }, (_, length) => length).find(length => accepts(text, length, length, chat, tokenizer))

test.each<[string, number | undefined, string]>([
  ['plain, no tokenizer: characters', measured('the 😀', false), '5'],
  // <s> the cat
  ['plain: tokens with the marks of the tokenizer', measured('the cat', false, words), '3'],
  // <s> <|user|> the cat </s> <|assistant|>
  ['chat: tokens of the whole templated message', measured('the cat', true, words), '6'],
  ['chat without a template: as plain', measured('the cat', true, { ...plainOf(words), hasChatTemplate: false }), '3'],
  ['chat with Qwen3: eight tokens around the text', measured('hi', true, qwen), '9'],
])('%s', (_what, length, expected) => {
  expect(String(length)).toBe(expected)
})

/** The methods of a tokenizer as a plain object. */
function plainOf(tokenizer: Tokenizer): Tokenizer {
  return {
    encode: (text, addSpecialTokens) => tokenizer.encode(text, addSpecialTokens),
    decode: ids => tokenizer.decode(ids),
    encodeChat: messages => tokenizer.encodeChat(messages),
    hasChatTemplate: tokenizer.hasChatTemplate,
    ordinaryIds: () => tokenizer.ordinaryIds(),
  }
}

test('the answer is that of a full count, near the limits and far from them', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 40 })
  fc.assert(
    fc.property(text, fc.nat(12), fc.nat(2000), fc.boolean(), (content, min, max, chat) => {
      const tokens = chat ? qwen.encodeChat([{ role: 'user', content }]).length : qwen.encode(content, true).length
      expect(accepts(content, min, max, chat, qwen)).toBe(tokens >= min && tokens <= max)
    }),
    { numRuns: 300 },
  )
})

test('a text that is surely short enough is not encoded', () => {
  const encoded: string[] = []
  const watched: Tokenizer = {
    ...plainOf(words),
    encode: text => {
      encoded.push(text)
      return words.encode(text)
    },
  }
  const limit = createLengthLimit(createContext({ chat: false }, { tokenizer: watched }))
  expect(limit.accepts('the cat likes the river')).toBe(true)
  expect(encoded).not.toContain('the cat likes the river')
})

test.each<[string, string]>([
  [
    '40 000 characters of English, with a quotation mark now and then',
    'The cat “likes” the river — really… '.repeat(1111),
  ],
  ['40 000 Chinese characters', '猫喜欢，这条河。'.repeat(5000)],
])('no more is one of %s, with the limits that nobody has set', (_what, text) => {
  const encoded: string[] = []
  const encode: Tokenizer['encode'] = content => {
    encoded.push(content)
    return qwen.encode(content)
  }
  const limitOf = (maxPromptLength: number) =>
    createLengthLimit(createContext({ chat: false, maxPromptLength }, { tokenizer: { ...plainOf(qwen), encode } }))
  expect(limitOf(131_072).accepts(text)).toBe(true)
  expect(encoded).not.toContain(text)
  expect(limitOf(100_000).accepts(text)).toBe(true)
  expect(encoded).toContain(text)
})

test('a template that refuses empty messages is measured all the same', () => {
  const encodeChat: Tokenizer['encodeChat'] = messages => {
    if (messages.some(({ content }) => content === '')) throw new Error('content must not be empty')
    return words.encodeChat(messages)
  }
  expect(measured('the cat', true, { ...plainOf(words), encodeChat })).toBe(6)
})

test('characters are counted as code points', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      expect(countCharacters(text)).toBe(Array.from(text).length)
    }),
  )
})
