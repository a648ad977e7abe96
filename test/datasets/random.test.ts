import { beforeAll, expect, test } from 'vitest'
import { random } from '../../src/datasets/random.ts'
import { ArgumentsError } from '../../src/errors.ts'
import type { Prompt } from '../../src/model/conversation.ts'
import type { DatasetSettings } from '../../src/model/run-plan.ts'
import { loadTokenizer } from '../../src/tokenizers/index.ts'
import type { Tokenizer } from '../../src/tokenizers/tokenizer.ts'
import { qwenTokenizerPath, wordsTokenizerPath } from '../tokenizers/paths.ts'
import { createContext, promptsOf, take, textOf } from './context.ts'

let qwen: Tokenizer
let words: Tokenizer
beforeAll(async () => {
  qwen = await loadTokenizer(qwenTokenizerPath)
  words = await loadTokenizer(wordsTokenizerPath)
})

const draw = async (count: number, tokenizer: Tokenizer, settings: Partial<DatasetSettings>, seed = 1) => {
  const said: string[] = []
  const context = createContext({ spec: 'random', ...settings }, { tokenizer, seed, said })
  return { prompts: promptsOf(await take(random.open(context), count)), said }
}

const idsOf = (prompt: Prompt): readonly number[] => (prompt.kind === 'tokens' ? prompt.ids : [])

const tokensOf = (prompt: Prompt, tokenizer: Tokenizer): number => {
  if (prompt.kind === 'text') return tokenizer.encode(prompt.text, true).length
  return prompt.kind === 'messages' ? tokenizer.encodeChat(prompt.messages).length : idsOf(prompt).length
}

/** A tokenizer whose methods can be replaced. */
const plainOf = (tokenizer: Tokenizer): Tokenizer => ({
  encode: (text, marks) => tokenizer.encode(text, marks),
  decode: ids => tokenizer.decode(ids),
  encodeChat: messages => tokenizer.encodeChat(messages),
  hasChatTemplate: tokenizer.hasChatTemplate,
  ordinaryIds: () => tokenizer.ordinaryIds(),
})

const fixed = (length: number) => ({ minPromptLength: length, maxPromptLength: length })

test.each<[string, number, Partial<DatasetSettings>, number]>([
  ['chat messages of 64 tokens', 300, { ...fixed(64), chat: true }, 64],
  ['texts of 64 tokens', 100, { ...fixed(64), chat: false }, 64],
  ['texts of one token', 200, { ...fixed(1), chat: false }, 1],
  ['chat messages behind a prefix', 100, { ...fixed(40), chat: true, prefixLength: 16 }, 56],
  ['ids', 200, { ...fixed(64), tokenizePrompt: true, prefixLength: 16 }, 80],
  ['chat messages of 1024 tokens', 10, { ...fixed(1024), chat: true }, 1024],
])('the server counts what was asked for: %s', async (_what, count, settings, length) => {
  const { prompts, said } = await draw(count, qwen, settings)
  const exact = prompts.filter(prompt => tokensOf(prompt, qwen) === length)
  expect(exact.length / count).toBeGreaterThanOrEqual(0.99)
  expect(prompts.every(prompt => Math.abs(tokensOf(prompt, qwen) - length) <= 2)).toBe(true)
  expect(said.length).toBe(exact.length < count ? 1 : 0)
})

test('lengths are spread over the whole range, ends included', async () => {
  const { prompts } = await draw(400, words, { minPromptLength: 3, maxPromptLength: 7, chat: false })
  const counts = new Map<number, number>()
  for (const prompt of prompts) counts.set(tokensOf(prompt, words), (counts.get(tokensOf(prompt, words)) ?? 0) + 1)
  expect([...counts.keys()].sort((a, b) => a - b)).toEqual([3, 4, 5, 6, 7])
  // 80 are expected of each; five standard deviations are 40.
  for (const count of counts.values()) expect(Math.abs(count - 80)).toBeLessThan(40)
})

test('in chat mode the length counts the template, which takes from both limits', async () => {
  // Four tokens stand around an empty message.
  const { prompts, said } = await draw(200, words, { minPromptLength: 2, maxPromptLength: 6, chat: true })
  const contents = new Set(prompts.map(prompt => tokensOf(prompt, words) - 4))
  expect([...contents].sort((a, b) => a - b)).toEqual([0, 1, 2])
  expect(said).toEqual(['random: the chat template alone takes 4 tokens, more than --min-prompt-length 2'])
})

test('a template that refuses empty messages takes part all the same', async () => {
  const encodeChat: Tokenizer['encodeChat'] = messages => {
    if (messages.some(({ content }) => content === '')) throw new Error('content must not be empty')
    return words.encodeChat(messages)
  }
  const { prompts } = await draw(20, { ...plainOf(words), encodeChat }, { ...fixed(9), chat: true })
  for (const prompt of prompts) expect(tokensOf(prompt, words)).toBe(9)
})

test('ids are a run of consecutive ordinary ids, at its end going on from the start', async () => {
  const { prompts } = await draw(50, words, { ...fixed(30), tokenizePrompt: true })
  const ordinary = words.ordinaryIds()
  for (const prompt of prompts) {
    const ids = idsOf(prompt)
    const start = ordinary.indexOf(ids[0] ?? -1)
    expect(ids).toEqual(ids.map((_, step) => ordinary[(start + step) % ordinary.length]))
  }
})

test('the offset moves each run of ids on by as much, and the lengths stay', async () => {
  const settings = { minPromptLength: 5, maxPromptLength: 50, tokenizePrompt: true }
  const { prompts } = await draw(20, qwen, settings)
  const moved = await draw(20, qwen, { ...settings, offset: 100 })
  const ordinary = qwen.ordinaryIds()
  const after = (id: number): number | undefined => ordinary[(ordinary.indexOf(id) + 100) % ordinary.length]
  expect(moved.prompts.map(idsOf)).toEqual(prompts.map(prompt => idsOf(prompt).map(after)))
})

test('all prompts of a run begin with one prefix, which the next run does not share', async () => {
  const settings = { ...fixed(20), prefixLength: 12, tokenizePrompt: true }
  const prefixes = async (offset: number) =>
    new Set((await draw(10, qwen, { ...settings, offset })).prompts.map(prompt => idsOf(prompt).slice(0, 12).join()))
  const [first, second] = [await prefixes(0), await prefixes(10)]
  expect([first.size, second.size]).toEqual([1, 1])
  expect([...first]).not.toEqual([...second])
})

test('texts share their prefix too, also when little follows it', async () => {
  const { prompts } = await draw(30, qwen, { ...fixed(2), prefixLength: 100, chat: false })
  const ids = prompts.map(prompt => qwen.encode(String(textOf(prompt))))
  const shared = ids[0]?.slice(0, 95)
  for (const some of ids) expect(some.slice(0, 95)).toEqual(shared)
  expect(new Set(ids.map(String)).size).toBe(30)
})

test('a text has no blank at its ends, which a chat template would drop', async () => {
  const { prompts } = await draw(100, qwen, { ...fixed(12), chat: false })
  for (const prompt of prompts) expect(textOf(prompt)).toBe(String(textOf(prompt)).trim())
})

test('a tokenizer that never gives the length back is reported once, and the run goes on', async () => {
  const stubborn: Tokenizer = {
    encode: text => (text === '' ? [] : [1, 2, 3, 4, 5]),
    decode: () => 'text',
    encodeChat: () => [],
    hasChatTemplate: false,
    ordinaryIds: () => [1, 2, 3],
  }
  const { prompts, said } = await draw(4, stubborn, { ...fixed(9), chat: false })
  expect(prompts).toHaveLength(4)
  expect(said).toEqual(['random: the tokenizer does not give every text back as it was; prompt 0 has 5 tokens, not 9'])
})

test.each<[string, () => Tokenizer | undefined, Partial<DatasetSettings>, RegExp]>([
  ['no tokenizer', () => undefined, {}, /^--dataset random needs a tokenizer; give --tokenizer-path/],
  [
    'no room beside the template',
    () => words,
    { maxPromptLength: 3 },
    /^--max-prompt-length 3 is less than .* own 4 tok/,
  ],
])('%s is refused in one line', async (_what, tokenizer, settings, message) => {
  const given = tokenizer()
  const context = createContext({ spec: 'random', ...settings }, given === undefined ? {} : { tokenizer: given })
  const error = await take(random.open(context), 1).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(ArgumentsError)
  expect((error as Error).message).toMatch(message)
})

test('a plain text leaves room for the marks that a server puts around it', async () => {
  const { prompts } = await draw(20, words, { ...fixed(9), chat: false })
  for (const prompt of prompts) {
    expect(words.encode(String(textOf(prompt)))).toHaveLength(8)
    expect(words.encode(String(textOf(prompt)), true)).toHaveLength(9)
  }
  const ids = await draw(20, words, { ...fixed(9), chat: false, tokenizePrompt: true })
  for (const prompt of ids.prompts) expect(idsOf(prompt)).toHaveLength(9)
})

test('a long text is encoded once, and its end alone is repaired', async () => {
  let encoded = 0
  const counting: Tokenizer = {
    ...plainOf(qwen),
    encode: (text, marks) => {
      const ids = qwen.encode(text, marks)
      encoded += ids.length
      return ids
    },
  }
  const { prompts } = await draw(5, counting, { ...fixed(4000), chat: false })
  for (const prompt of prompts) expect(tokensOf(prompt, qwen)).toBe(4000)
  expect(encoded / 5).toBeLessThan(1.3 * 4000)
})
