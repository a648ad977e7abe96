import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Dataset } from '../../src/datasets/dataset.ts'
import { embedding, embeddingBatch } from '../../src/datasets/embedding.ts'
import { randomEmbedding, randomEmbeddingBatch } from '../../src/datasets/random-embedding.ts'
import { ArgumentsError } from '../../src/errors.ts'
import type { DatasetSettings } from '../../src/model/run-plan.ts'
import { loadTokenizer } from '../../src/tokenizers/index.ts'
import type { Tokenizer } from '../../src/tokenizers/tokenizer.ts'
import { qwenTokenizerPath, wordsTokenizerPath } from '../tokenizers/paths.ts'
import { createContext, promptsOf, take } from './context.ts'

const root = realpathSync(mkdtempSync(join(tmpdir(), 'embedding-')))
afterAll(() => rmSync(root, { recursive: true }))

let words: Tokenizer
beforeAll(async () => {
  words = await loadTokenizer(wordsTokenizerPath)
})

const fileOf = (name: string, text: string): string => {
  const path = join(mkdtempSync(join(root, 'case-')), name)
  writeFileSync(path, text)
  return path
}

interface Given {
  readonly settings?: Partial<DatasetSettings>
  readonly tokenizer?: Tokenizer
}

const promptsFrom = async (dataset: Dataset, path: string, { settings, tokenizer }: Given = {}) => {
  const context = createContext({ spec: dataset.names[0] as string, path, ...settings }, tokenizer && { tokenizer })
  const prompts = promptsOf(await take(dataset.open(context)))
  const prepared = await dataset.prepare?.(context)
  if (prepared !== undefined) expect(promptsOf(await take(prepared.open(context)))).toEqual(prompts)
  return prompts
}
const texts = (...all: string[]) => all.map(text => ({ kind: 'text', text }))

const problemOf = async (dataset: Dataset, path: string, given: Given = {}): Promise<string> => {
  const error = await promptsFrom(dataset, path, given).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(ArgumentsError)
  const { message } = error as Error
  expect(message).not.toContain('\n')
  return message.replace(/\/\S*\//, '')
}

describe('texts of a file', () => {
  test.each<[string, string, string[]]>([
    ['a.txt', ' one \r\n\n"two"\n["three"]\n{"text":"four"}', ['one', '"two"', '["three"]', '{"text":"four"}']],
    ['A.TXT', 'one', ['one']],
    [
      'a.jsonl',
      '"one"\n\n{"text":"two"}\n{"input":"three","id":1}\n{"sentence":"4"}\n{"content":" 5 "}',
      ['one', 'two', 'three', '4', ' 5 '],
    ],
    ['a.json', '["one", {"text":"two"},\n {"text":["no"],"content":"three"}, " "]', ['one', 'two', 'three']],
    ['lines.json', '\ufeff{"text":"one"}\n"two\\u2028"\n', ['one', 'two\u2028']],
    ['array.jsonl', '\n [\n"one",\n"two"]\n', ['one', 'two']],
    ['no-extension', '{"text":"one"}', ['one']],
    ['strings.ndjson', '"one"\n', ['one']],
  ])('%s with %j', async (name, content, expected) => {
    expect(await promptsFrom(embedding, fileOf(name, content))).toEqual(texts(...expected))
  })

  test('within the limits in characters, or in tokens with those that the tokenizer adds', async () => {
    const path = fileOf('a.txt', 'the old cat\nthe cat\na\n')
    const limits = (minPromptLength: number, maxPromptLength: number) => ({
      minPromptLength,
      maxPromptLength,
      chat: true,
    })
    expect(await promptsFrom(embedding, path, { settings: limits(2, 8) })).toEqual(texts('the cat'))
    const inTokens = { settings: limits(3, 3), tokenizer: words }
    expect(await promptsFrom(embedding, path, inTokens)).toEqual(texts('the cat'))
    expect(await problemOf(embedding, path, { settings: limits(50, 60) })).toBe(
      'a.txt: 3 prompts read, all outside --min-prompt-length 50 … --max-prompt-length 60 (characters); ' +
        'widen the limits or give another file',
    )
  })

  test.each<[string, string, string | RegExp]>([
    [
      'a.jsonl',
      '"a"\n\n{"title":"b"}',
      'a.jsonl:3: neither a text nor an object with a text in text, input, sentence, content; correct or remove it',
    ],
    ['a.jsonl', '"a"\n7', /^a\.jsonl:2: neither a text/],
    ['a.jsonl', '"a"\n"b', /^a\.jsonl:2: not valid JSON \(.+\); correct or remove the line$/],
    ['a.json', '["a", null]', /^a\.json:1: element 2: neither a text/],
    ['a.json', '["a",\n "b"', /^a\.json:2: element 2: the file ends before the array does/],
    ['a.json', '{\n "data": ["a"]\n}', /^a\.json:1: not valid JSON/],
    [
      'a.csv',
      'id,text\n1,hello',
      'a.csv begins with "id,text\\n1,hello"; give JSON Lines, a JSON array, or a .txt file with a text in each line',
    ],
    ['a.json', ' \n', 'a.json holds no prompts; give a file with at least one'],
    ['a.txt', '', 'a.txt holds no prompts; give a file with at least one'],
    ['a.json', '[]', 'a.json holds no prompts; give a file with at least one'],
  ])('says what is wrong with %s that holds %j', async (name, content, message) => {
    const problem = await problemOf(embedding, fileOf(name, content))
    if (typeof message === 'string') expect(problem).toBe(message)
    else expect(problem).toMatch(message)
  })

  test('without a path, and with one that is not there, it says what to give', async () => {
    const open = (path: string | undefined) => take(embedding.open(createContext({ spec: 'embed', path })))
    await expect(open(undefined)).rejects.toThrow(
      '--dataset embed needs --dataset-path: a .txt file with one text per line',
    )
    await expect(open('/nowhere.txt')).rejects.toThrow('--dataset-path /nowhere.txt does not exist')
  })
})

describe('batches of texts', () => {
  const path = fileOf('a.txt', Array.from({ length: 19 }, (_, index) => `text ${index}\n`).join(''))
  const sizes = async (args: DatasetSettings['args']) => {
    const prompts = await promptsFrom(embeddingBatch, path, { settings: { args } })
    const inputs = prompts.map(prompt => (prompt.kind === 'inputs' ? prompt.inputs : []))
    expect(inputs.flat()).toEqual(Array.from({ length: 19 }, (_, index) => `text ${index}`))
    return inputs.map(batch => batch.length)
  }

  test('are of 8, or as many as batch_size says; the last one has what is left', async () => {
    expect(await sizes({})).toEqual([8, 8, 3])
    expect(await sizes({ batch_size: 19 })).toEqual([19])
    expect(await sizes({ batch_size: 1 })).toEqual(Array.from({ length: 19 }, () => 1))
  })

  test('only hold texts within the limits', async () => {
    const settings = { args: { batch_size: 4 }, maxPromptLength: 6 }
    expect(await promptsFrom(embeddingBatch, path, { settings })).toEqual([
      { kind: 'inputs', inputs: ['text 0', 'text 1', 'text 2', 'text 3'] },
      { kind: 'inputs', inputs: ['text 4', 'text 5', 'text 6', 'text 7'] },
      { kind: 'inputs', inputs: ['text 8', 'text 9'] },
    ])
  })

  test.each([
    [embeddingBatch, path],
    [randomEmbeddingBatch, undefined],
  ])('cannot be one list of token ids', async (dataset, file) => {
    const settings = { spec: 'some_batch', path: file, tokenizePrompt: true, maxPromptLength: 9 }
    const open = async () => take(dataset.open(createContext(settings, { tokenizer: words })), 1)
    await expect(open()).rejects.toThrow(
      '--tokenize-prompt sends one list of token ids, and --dataset some_batch several texts; leave one out',
    )
  })
})

describe('drawn texts', () => {
  test('have the asked number of tokens', async () => {
    const qwen = await loadTokenizer(qwenTokenizerPath)
    const settings = { minPromptLength: 33, maxPromptLength: 33, args: { batch_size: 5 } }
    const drawn = async (dataset: Dataset, count: number) =>
      promptsOf(await take(dataset.open(createContext(settings, { tokenizer: qwen })), count))
    const single = (await drawn(randomEmbedding, 60)).map(prompt => (prompt.kind === 'text' ? prompt.text : ''))
    const batches = (await drawn(randomEmbeddingBatch, 8)).flatMap(prompt =>
      prompt.kind === 'inputs' ? prompt.inputs : [],
    )
    expect(batches).toHaveLength(40)
    const all = [...single, ...batches]
    expect(new Set(all).size).toBe(all.length)
    expect(all.filter(text => qwen.encode(text).length === 33).length).toBeGreaterThanOrEqual(99)
  })

  test('have lengths over the whole range, from one token on', async () => {
    const settings = { minPromptLength: 0, maxPromptLength: 3 }
    const context = createContext(settings, { tokenizer: words })
    const counts = new Map<number, number>()
    for (const prompt of promptsOf(await take(randomEmbedding.open(context), 300))) {
      const length = prompt.kind === 'text' ? words.encode(prompt.text).length : 0
      counts.set(length, (counts.get(length) ?? 0) + 1)
    }
    expect([...counts.keys()].sort()).toEqual([1, 2, 3])
    // 100 are expected of each; five standard deviations are 41.
    for (const count of counts.values()) expect(Math.abs(count - 100)).toBeLessThan(41)
  })

  test('are their ids with --tokenize-prompt', async () => {
    const settings = { minPromptLength: 7, maxPromptLength: 7, tokenizePrompt: true }
    const [prompt] = promptsOf(await take(randomEmbedding.open(createContext(settings, { tokenizer: words })), 1))
    expect(prompt).toEqual({ kind: 'tokens', ids: expect.any(Array) })
    if (prompt?.kind === 'tokens') expect(prompt.ids).toHaveLength(7)
  })

  test('of a later offset are the same, from there on', async () => {
    const from = async (offset: number) => {
      const settings = { offset, minPromptLength: 5, maxPromptLength: 9 }
      return promptsOf(await take(randomEmbedding.open(createContext(settings, { tokenizer: words })), 10))
    }
    expect((await from(4)).slice(0, 6)).toEqual((await from(0)).slice(4))
  })

  test('cannot be so many that one request has a million tokens', () => {
    const draw = (dataset: Dataset, settings: Partial<DatasetSettings>) => () =>
      dataset.draw?.(createContext({ spec: 'x', ...settings }, { tokenizer: words }))
    expect(draw(randomEmbeddingBatch, {})).toThrow(
      '--dataset x: a request could have 1048576 tokens, more than 1000000; lower --max-prompt-length (131072) or batch_size (8)',
    )
    expect(draw(randomEmbedding, { maxPromptLength: 2_000_000 })).toThrow('lower --max-prompt-length (2000000)')
  })
})
