import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Dataset } from '../../src/datasets/dataset.ts'
import { shareGptEnMultiTurn, shareGptZhMultiTurn } from '../../src/datasets/share-gpt-multi-turn.ts'
import { checkOptions } from '../../src/datasets/support/options.ts'
import { ArgumentsError } from '../../src/errors.ts'
import type { DatasetSettings } from '../../src/model/run-plan.ts'
import { loadTokenizer } from '../../src/tokenizers/index.ts'
import type { Tokenizer } from '../../src/tokenizers/tokenizer.ts'
import { qwenTokenizerPath } from '../tokenizers/paths.ts'
import { createContext, take } from './context.ts'

let root: string
let qwen: Tokenizer
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'datasets-'))
  qwen = await loadTokenizer(qwenTokenizerPath)
})
afterAll(() => rm(root, { recursive: true }))

/** A line as the files of swift/sharegpt have them. */
const line = (id: number, ...exchanges: readonly (readonly [string, string])[]) => ({
  conversation_id: id,
  category: 'Brainstorming',
  conversation: exchanges.map(([human, assistant]) => ({ human, assistant })),
})

const sample = [
  line(1, ['河有多老？', '很老。'], [' 多老\n', '一百万年。'], ['谢谢', '不客气']),
  line(2, ['', 'Nobody asked.'], ['How wide is it?', 'Ten metres.'], ['  ', '…']),
  line(3, ['   ', 'Still nobody.']),
  line(4, ['Draw the river.', '🖼️']),
]

const write = async (lines: readonly unknown[], name = 'talks.jsonl'): Promise<string> => {
  const path = join(root, name)
  await writeFile(path, lines.map(value => `${typeof value === 'string' ? value : JSON.stringify(value)}\n`).join(''))
  return path
}

interface Given extends Partial<DatasetSettings> {
  readonly tokenizer?: Tokenizer
  readonly seed?: number
}

/** The texts of each conversation, which are all that its turns hold. */
const textsFrom = async (lines: readonly unknown[], { tokenizer, seed, ...settings }: Given = {}) => {
  const given = { ...(tokenizer === undefined ? {} : { tokenizer }), ...(seed === undefined ? {} : { seed }) }
  const context = createContext({ spec: 'share_gpt_zh_multi_turn', path: await write(lines), ...settings }, given)
  return (await take(shareGptZhMultiTurn.open(context))).map(({ turns }) =>
    turns.map(({ prompt, ...more }) => {
      if (prompt.kind !== 'messages') throw new Error(`a turn is ${prompt.kind}`)
      const content = prompt.messages[0]?.content
      expect(prompt.messages).toEqual([{ role: 'user', content }])
      expect(more).toEqual({})
      return String(content)
    }),
  )
}

test('each question is a turn, stripped; answers and empty questions are left out', async () => {
  expect(await textsFrom(sample)).toEqual([['河有多老？', '多老', '谢谢'], ['How wide is it?'], ['Draw the river.']])
})

test('no more turns than --max-turns are taken', async () => {
  const texts = await textsFrom(sample, { maxTurns: 2 })
  expect(texts).toEqual([['河有多老？', '多老'], ['How wide is it?'], ['Draw the river.']])
})

test('the limits on prompts look at the first question', async () => {
  expect(await textsFrom(sample, { minPromptLength: 1, maxPromptLength: 5 })).toEqual([['河有多老？', '多老', '谢谢']])
  expect(await textsFrom(sample, { minPromptLength: 6 })).toEqual([['How wide is it?'], ['Draw the river.']])
})

test.each<[string, Dataset, string]>([
  ['share_gpt_zh_multi_turn', shareGptZhMultiTurn, 'common_zh_70k.jsonl'],
  ['share_gpt_en_multi_turn', shareGptEnMultiTurn, 'common_en_70k.jsonl'],
])('%s finds its own file in a directory, and says where to get it', async (name, dataset, fileName) => {
  const path = join(root, name)
  await mkdir(path)
  const open = (settings: Partial<DatasetSettings>) => take(dataset.open(createContext({ spec: name, ...settings })))
  await expect(open({ path })).rejects.toThrow(`is a directory without ${fileName}; give the file itself`)
  await write(sample, join(name, fileName))
  expect(await open({ path })).toHaveLength(3)
  await expect(open({})).rejects.toThrow(new ArgumentsError(`--dataset ${name} needs --dataset-path: ${fileName}`))
  expect([dataset.names, dataset.isMultiTurn]).toEqual([[name], true])
})

const longText = 'The river runs 🏞️ from the mountains to the sea, 从山到海, and nobody knows how old it is. '
  .repeat(4)
  .trim()
const longLines = Array.from({ length: 30 }, (_, id) =>
  line(id, [`${id} ${longText}`, 'a'], ['Why?', 'b'], [longText, 'c']),
)
const tokensOf = (text: string): number => qwen.encode(text).length

test('messages are cut to the tokens asked for, shorter ones stay', async () => {
  const args = { first_turn_length: 20, subsequent_turn_length: 7, chars_per_token: 3 }
  for (const [first = '', second, third = ''] of await textsFrom(longLines, { args, tokenizer: qwen })) {
    expect(Math.abs(tokensOf(first) - 20)).toBeLessThanOrEqual(1)
    expect(first).toMatch(/^\d+ The river runs/)
    expect(second).toBe('Why?')
    expect(longText.startsWith(third)).toBe(true)
    expect(Math.abs(tokensOf(third) - 7)).toBeLessThanOrEqual(1)
  }
})

test('a length left out leaves its turns as they are', async () => {
  const [texts = []] = await textsFrom(longLines, { args: { subsequent_turn_length: 3 }, tokenizer: qwen })
  expect(texts[0]).toBe(`0 ${longText}`)
  expect(Math.abs(tokensOf(texts[2] ?? '') - 3)).toBeLessThanOrEqual(1)
})

test('of a range the seed draws, alike in each pass', async () => {
  const given = { args: { first_turn_length: [5, 12] }, tokenizer: qwen }
  const texts = await textsFrom(longLines, given)
  const lengths = texts.map(([first = '']) => tokensOf(first))
  expect(Math.min(...lengths)).toBeGreaterThanOrEqual(4)
  expect(Math.max(...lengths)).toBeLessThanOrEqual(13)
  expect(new Set(lengths).size).toBeGreaterThan(4)
  expect(await textsFrom(longLines, given)).toEqual(texts)
  expect(await textsFrom(longLines, { ...given, seed: 2 })).not.toEqual(texts)
})

test('the limits choose by the question as the file has it, not as it is cut', async () => {
  const given = { args: { first_turn_length: 10 }, tokenizer: qwen, minPromptLength: 50 }
  const texts = await textsFrom([...sample, ...longLines], given)
  expect(texts).toHaveLength(30)
})

test.each<[string, readonly unknown[], Given, string]>([
  [
    'a line that is no JSON object',
    [sample[0], '[]'],
    {},
    'talks.jsonl:2: not a JSON object; each line must be one, in braces',
  ],
  ['a line of another format', [{ conversations: [] }], {}, 'talks.jsonl:1: no field "conversation" with a list in it'],
  [
    'a file without questions',
    [sample[2], ''],
    {},
    'talks.jsonl holds no conversations; give a file with at least one',
  ],
  [
    'a length in tokens without a tokenizer',
    sample,
    { args: { first_turn_length: 5 } },
    '--dataset-args: first_turn_length and subsequent_turn_length of dataset share_gpt_zh_multi_turn are in tokens; ' +
      'give --tokenizer-path, a directory that holds tokenizer.json',
  ],
])('%s is refused in one line', async (_what, lines, given, message) => {
  const error = await textsFrom(lines, given).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(ArgumentsError)
  expect((error as Error).message.replace(/^.*talks/, 'talks')).toBe(message)
})

test.each([[{ first_turn_length: 0 }], [{ subsequent_turn_length: [9, 3] }], [{ chars_per_token: 0 }], [{ turns: 3 }]])(
  '--dataset-args %j is refused',
  args => {
    expect(() => checkOptions(args, shareGptZhMultiTurn.options, 'share_gpt_zh_multi_turn')).toThrow(ArgumentsError)
  },
)
