import { beforeAll, expect, test } from 'vitest'
import { randomMultiTurn } from '../../src/datasets/random-multi-turn.ts'
import { ArgumentsError } from '../../src/errors.ts'
import type { DatasetSettings } from '../../src/model/run-plan.ts'
import { loadTokenizer } from '../../src/tokenizers/index.ts'
import type { Tokenizer } from '../../src/tokenizers/tokenizer.ts'
import { qwenTokenizerPath, wordsTokenizerPath } from '../tokenizers/paths.ts'
import { createContext, take } from './context.ts'

let qwen: Tokenizer
let words: Tokenizer
beforeAll(async () => {
  qwen = await loadTokenizer(qwenTokenizerPath)
  words = await loadTokenizer(wordsTokenizerPath)
})

/** The texts of each conversation, one a turn: all that is sent of it. */
const draw = async (count: number, tokenizer: Tokenizer, settings: Partial<DatasetSettings>, said: string[] = []) => {
  const context = createContext({ spec: 'random_multi_turn', maxTurns: 3, ...settings }, { tokenizer, said })
  return (await take(randomMultiTurn.open(context), count)).map(({ turns }) =>
    turns.map(({ prompt }) => {
      if (prompt.kind !== 'messages') throw new Error(`a turn is ${prompt.kind}`)
      const content = prompt.messages[0]?.content
      expect(prompt.messages).toEqual([{ role: 'user', content }])
      return String(content)
    }),
  )
}

const fixed = (length: number) => ({ minPromptLength: length, maxPromptLength: length })

test('numbers of turns are spread over the whole range, ends included', async () => {
  const conversations = await draw(600, words, { ...fixed(1), minTurns: 2, maxTurns: 4 })
  const counts = [1, 2, 3, 4, 5].map(turns => conversations.filter(({ length }) => length === turns).length)
  expect([counts[0], counts[4]]).toEqual([0, 0])
  // 200 are expected of each; five standard deviations are 58.
  for (const count of counts.slice(1, 4)) expect(Math.abs(count - 200)).toBeLessThan(58)
})

test('each message has the tokens asked for, without the chat template', async () => {
  const texts = (await draw(60, qwen, { ...fixed(24), minTurns: 3 })).flat()
  expect(texts).toHaveLength(180)
  expect(texts.filter(text => qwen.encode(text).length === 24).length / 180).toBeGreaterThanOrEqual(0.99)
  expect(new Set(texts).size).toBe(180)
})

test('lengths are spread over the whole range, ends included', async () => {
  const texts = (await draw(200, words, { minPromptLength: 3, maxPromptLength: 6 })).flat()
  const lengths = new Set(texts.map(text => words.encode(text).length))
  expect([...lengths].sort((a, b) => a - b)).toEqual([3, 4, 5, 6])
})

test.each<[string, DatasetSettings['args'], readonly number[], readonly number[]]>([
  ['both', { first_turn_length: 8, subsequent_turn_length: 2 }, [8], [2]],
  ['ranges', { first_turn_length: [8, 9], subsequent_turn_length: [1, 3] }, [8, 9], [1, 2, 3]],
  ['the first alone', { first_turn_length: 8 }, [8], [5]],
  ['later ones alone', { subsequent_turn_length: [2, 3], chars_per_token: 3.5 }, [5], [2, 3]],
])('--dataset-args stands above the limits on prompts: %s', async (_what, args, first, later) => {
  const conversations = await draw(60, words, { ...fixed(5), minTurns: 3, args })
  const lengthsOf = (texts: readonly string[]) =>
    [...new Set(texts.map(text => words.encode(text).length))].sort((a, b) => a - b)
  expect(lengthsOf(conversations.flatMap(texts => texts.slice(0, 1)))).toEqual(first)
  expect(lengthsOf(conversations.flatMap(texts => texts.slice(1)))).toEqual(later)
})

test('the prefix stands in front of every message of a run', async () => {
  const texts = (await draw(20, words, { ...fixed(4), prefixLength: 6 })).flat()
  expect(new Set(texts.map(text => text.split(' ').slice(0, 6).join(' '))).size).toBe(1)
  for (const text of texts) expect(words.encode(text)).toHaveLength(10)
})

test('a run goes on where the one before it ended', async () => {
  const settings = { minPromptLength: 2, maxPromptLength: 30 }
  const all = await draw(30, qwen, settings)
  expect(await draw(20, qwen, { ...settings, offset: 10 })).toEqual(all.slice(10))
})

test('how many turns there may be does not change the turns', async () => {
  const settings = { minPromptLength: 2, maxPromptLength: 30 }
  const long = await draw(10, qwen, { ...settings, minTurns: 4, maxTurns: 4 })
  const short = await draw(10, qwen, { ...settings, minTurns: 2, maxTurns: 2 })
  expect(short).toEqual(long.map(turns => turns.slice(0, 2)))
})

test('a tokenizer that never gives the length back is reported once, and the run goes on', async () => {
  const stubborn: Tokenizer = { ...words, encode: () => [1, 2], decode: () => 'text', ordinaryIds: () => [1, 2, 3] }
  const said: string[] = []
  expect(await draw(4, stubborn, { ...fixed(9), minTurns: 3 }, said)).toHaveLength(4)
  expect(said).toEqual([
    'random_multi_turn: the tokenizer does not give every text back as it was; ' +
      'turn 1 of conversation 0 has 2 tokens, not 9',
  ])
})

test.each<[string, () => Tokenizer | undefined, Partial<DatasetSettings>, RegExp]>([
  ['no tokenizer', () => undefined, { maxTurns: 3 }, /^--dataset random_multi_turn needs a tokenizer; give --tok/],
  ['no --max-turns', () => words, {}, /^--dataset random_multi_turn needs --max-turns, the most .+, such as 5$/],
])('%s is refused in one line', async (_what, tokenizer, settings, message) => {
  const given = tokenizer()
  const context = createContext(
    { spec: 'random_multi_turn', ...settings },
    given === undefined ? {} : { tokenizer: given },
  )
  const error = await take(randomMultiTurn.open(context), 1).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(ArgumentsError)
  expect((error as Error).message).toMatch(message)
})
