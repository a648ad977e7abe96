import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Dataset } from '../../src/datasets/dataset.ts'
import { trieAgenticCoding, trieCodeQa, trieOfficeWork } from '../../src/datasets/trie.ts'
import { ArgumentsError } from '../../src/errors.ts'
import type { Conversation, Turn } from '../../src/model/conversation.ts'
import type { DatasetSettings } from '../../src/model/run-plan.ts'
import { loadTokenizer } from '../../src/tokenizers/index.ts'
import type { Tokenizer } from '../../src/tokenizers/tokenizer.ts'
import { qwenTokenizerPath, wordsTokenizerPath } from '../tokenizers/paths.ts'
import { createContext, take } from './context.ts'

const root = mkdtempSync(join(tmpdir(), 'trie-'))
afterAll(() => rmSync(root, { recursive: true }))

let words: Tokenizer
let qwen: Tokenizer
beforeAll(async () => {
  words = await loadTokenizer(wordsTokenizerPath)
  qwen = await loadTokenizer(qwenTokenizerPath)
})

/** A line as it stands in `agentic_coding_8k.jsonl`: two calls of a tool, then the final answer. */
const trace = {
  input_prompt_length: 300,
  num_turns: 2,
  assistant_response_length: [41, 52],
  tool_call_output_length: [60, 7],
  tool_call_latency: [0.25, 12],
  final_assistant_response_length: 93,
}
const single = {
  input_prompt_length: 12,
  num_turns: 0,
  assistant_response_length: [],
  tool_call_output_length: [],
  tool_call_latency: [],
  final_assistant_response_length: 5,
}
const numbered = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ ...single, input_prompt_length: index + 1 }))

const fileOf = (lines: readonly unknown[], directory = mkdtempSync(join(root, 'case-'))): string => {
  const path = join(directory, 'agentic_coding_8k.jsonl')
  writeFileSync(path, lines.map(line => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''))
  return path
}

const read = async (
  lines: readonly unknown[],
  settings: Partial<DatasetSettings> = {},
  {
    tokenizer = words,
    seed = 1,
    dataset = trieAgenticCoding,
  }: { tokenizer?: Tokenizer; seed?: number; dataset?: Dataset } = {},
) => {
  const said: string[] = []
  const context = createContext(
    { spec: 'trie_agentic_coding', path: fileOf(lines), ...settings },
    { tokenizer, seed, said },
  )
  const conversations = await take(dataset.open(context))
  return { conversations, said: said.map(line => line.replace(/^.*8k\.jsonl/, 'file')) }
}

const contentOf = ({ prompt }: Turn): string => {
  if (prompt.kind !== 'messages') throw new Error(`a prompt is ${prompt.kind}`)
  expect(prompt.messages.map(({ role }) => role)).toEqual(['user'])
  return String(prompt.messages[0]?.content)
}

/** A turn as [tokens of its message, output limit, wait]. */
const shapeOf = (tokenizer: Tokenizer) => (turn: Turn) => [
  tokenizer.encode(contentOf(turn)).length,
  turn.maxTokens,
  turn.waitMs,
]

const firstLengths = (conversations: readonly Conversation[]) =>
  conversations.map(({ turns: [turn] }) => turn && words.encode(contentOf(turn)).length)

test.each([
  ['words', () => words],
  ['Qwen3', () => qwen],
] as const)('each turn has the recorded tokens, output limit and, from seconds, wait: %s', async (_name, tokenizer) => {
  const { conversations, said } = await read([trace, single], {}, { tokenizer: tokenizer() })
  expect(conversations.map(({ turns }) => turns.map(shapeOf(tokenizer())))).toEqual([
    [
      [300, 41, undefined],
      [60, 52, 250],
      [7, 93, 12_000],
    ],
    [[12, 5, undefined]],
  ])
  expect(said).toEqual([])
})

test('a real prompt of 8000 tokens has as many', async () => {
  const { conversations } = await read([{ ...single, input_prompt_length: 8000 }], {}, { tokenizer: qwen })
  expect(conversations.flatMap(({ turns }) => turns.map(shapeOf(qwen)))).toEqual([[8000, 5, undefined]])
})

test('--max-turns keeps the first turns as they are', async () => {
  const [whole, cut] = [await read([trace]), await read([trace], { maxTurns: 2 })]
  expect(cut.conversations[0]?.turns).toEqual(whole.conversations[0]?.turns.slice(0, 2))
})

test('an empty prompt becomes one token, and so does an output limit of 0', async () => {
  const line = { ...trace, input_prompt_length: 0, assistant_response_length: [0, 1], tool_call_output_length: [0, 0] }
  const { conversations } = await read([line])
  expect(conversations[0]?.turns.map(turn => shapeOf(words)(turn).slice(0, 2))).toEqual([
    [1, 1],
    [1, 1],
    [1, 93],
  ])
})

test.each([
  [0, [1, 2, 3, 4, 5]],
  [2, [3, 4, 5, 1, 2]],
  [5, [1, 2, 3, 4, 5]],
  [13, [4, 5, 1, 2, 3]],
])('from the offset %i on, the first ones last: %j', async (offset, lengths) => {
  expect(firstLengths((await read(numbered(5), { offset })).conversations)).toEqual(lengths)
})

test('the texts of a trace are others for another seed, another offset, and the next line', async () => {
  const texts = async (offset: number, seed: number) =>
    (await read([trace, trace], { offset }, { seed })).conversations.map(({ turns }) => turns.map(contentOf).join())
  const all = [await texts(0, 1), await texts(2, 1), await texts(0, 2)].flat()
  expect(new Set(all).size).toBe(6)
})

describe('lines that are no traces', () => {
  test.each<[string, unknown, RegExp]>([
    ['no JSON', '{"num_turns":', /^file:2: .*not valid JSON \(.+\)/],
    ['no object', [1], /^file:2: .*not a JSON object/],
    ['no field', { ...trace, num_turns: undefined }, /^file:2: .*"num_turns" is no number from 0 on/],
    ['a text', { ...trace, input_prompt_length: '300' }, /^file:2: .*"input_prompt_length" is no number from 0 on/],
    ['a negative', { ...trace, final_assistant_response_length: -1 }, /"final_assistant_response_length" is no number/],
    ['no list', { ...trace, tool_call_latency: 1 }, /^file:2: .*"tool_call_latency" is no list of numbers from 0 on/],
    ['null', { ...trace, tool_call_latency: [1, null] }, /"tool_call_latency" is no list of numbers from 0 on/],
    ['too long', { ...trace, input_prompt_length: 1e12 }, /^file:2: .*"input_prompt_length" is above 10000000/],
    [
      'too long a tool',
      { ...trace, tool_call_output_length: [1, 2e7] },
      /"tool_call_output_length" has one above 10000000/,
    ],
    ['too few', { ...trace, tool_call_output_length: [1] }, /"tool_call_output_length" has 1 values, "num_turns" is 2/],
    ['too many', { ...trace, num_turns: 1 }, /^file:2: .*"assistant_response_length" has 2 values, "num_turns" is 1/],
  ])('%s: left out and said with number and reason', async (_what, line, message) => {
    const { conversations, said } = await read([single, line, '', single])
    expect(conversations).toHaveLength(2)
    expect(said).toEqual([expect.stringMatching(message)])
  })

  test.each([0, 1, 7])('many are said in few lines, also when they are read again for the offset %i', async offset => {
    const { conversations, said } = await read(['1', '2', single, '3', '4', '5', single], { offset })
    expect(conversations).toHaveLength(2)
    expect(said).toHaveLength(4)
    expect(said.at(-1)).toMatch(/^file: 5 lines/)
  })
})

test.each<[string, Dataset, Partial<DatasetSettings>, boolean, RegExp]>([
  ['trie_code_qa', trieCodeQa, {}, true, /^--dataset trie_code_qa needs --dataset-path: code_qa_8k\.jsonl$/],
  [
    'trie_agentic_coding',
    trieAgenticCoding,
    { path: 'x' },
    false,
    /^--dataset trie_agentic_coding needs a tokenizer; give --tokenizer-path/,
  ],
  [
    'trie_office_work',
    trieOfficeWork,
    { path: tmpdir() },
    true,
    /is a directory without office_work_8k\.jsonl; give the file itself$/,
  ],
  [
    'trie_office_work',
    trieOfficeWork,
    { path: fileOf([]) },
    true,
    /8k\.jsonl holds no traces; give office_work_8k\.jsonl$/,
  ],
  [
    'trie_office_work',
    trieOfficeWork,
    { path: fileOf(['{}']) },
    true,
    /8k\.jsonl:1: "num_turns" is no number from 0 on; no line of the file is a trace \(lines read: 1\)$/,
  ],
])('%s without what it needs is refused in one line', async (spec, dataset, settings, hasTokenizer, message) => {
  const context = createContext({ spec, ...settings }, hasTokenizer ? { tokenizer: words } : {})
  const error = await take(dataset.open(context)).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(ArgumentsError)
  expect((error as Error).message).toMatch(message)
  expect((error as Error).message).not.toContain('\n')
})

test('a directory is searched for the file of the dataset', async () => {
  const path = mkdtempSync(join(root, 'directory-'))
  fileOf([single], path)
  const context = createContext({ spec: 'trie_agentic_coding', path }, { tokenizer: words })
  expect(await take(trieAgenticCoding.open(context))).toHaveLength(1)
})
