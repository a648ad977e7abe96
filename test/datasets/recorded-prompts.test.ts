import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { Dataset } from '../../src/datasets/dataset.ts'
import { longalpaca } from '../../src/datasets/longalpaca.ts'
import { shareGptEn, shareGptZh } from '../../src/datasets/share-gpt.ts'
import { ArgumentsError } from '../../src/errors.ts'
import type { DatasetSettings } from '../../src/model/run-plan.ts'
import { loadTokenizer } from '../../src/tokenizers/index.ts'
import { wordsTokenizerPath } from '../tokenizers/paths.ts'
import { createContext, promptsOf, take } from './context.ts'
import { letters } from './length-cases.ts'

const root = mkdtempSync(join(tmpdir(), 'recorded-'))
afterAll(() => rmSync(root, { recursive: true }))
const words = await loadTokenizer(wordsTokenizerPath)

const fileOf = (name: string, content: string): string => {
  const path = join(mkdtempSync(join(root, 'case-')), name)
  writeFileSync(path, content)
  return path
}

/** What is sent: roles and contents of messages, or a text. */
const sentFrom = async (
  dataset: Dataset,
  path: string,
  { tokenizer, ...settings }: Partial<DatasetSettings> & { readonly tokenizer?: typeof words } = {},
) => {
  const context = createContext({ path, ...settings }, tokenizer === undefined ? {} : { tokenizer })
  return promptsOf(await take(dataset.open(context))).map(prompt => {
    if (prompt.kind === 'text') return prompt.text
    if (prompt.kind !== 'messages') throw new Error(`a prompt is ${prompt.kind}`)
    return prompt.messages.map(({ role, content }) => `${role}: ${content}`)
  })
}

const problemOf = async (dataset: Dataset, path: string, settings: Partial<DatasetSettings> = {}): Promise<string> => {
  const error = await sentFrom(dataset, path, settings).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(ArgumentsError)
  expect((error as Error).message).not.toContain('\n')
  return (error as Error).message.replace(/^.*case-[^/]*\//, '')
}

describe('longalpaca', () => {
  const rows = [
    { instruction: ' Read this book:\nthe old cat. Who is it about? ', output: 'A cat.', file: 'a.pdf', input: '' },
    { instruction: '', output: 'Nothing was asked.' },
    { instruction: '短い', output: '' },
  ]
  const sample = fileOf('LongAlpaca-12k.json', `${JSON.stringify(rows, null, 4)}\n`)
  const texts = ['Read this book:\nthe old cat. Who is it about?', '短い']

  const tokens = words.encode(texts[0] ?? '', true).length

  test('takes the instructions, stripped, of an array or of lines', async () => {
    const lines = fileOf('a.jsonl', rows.map(row => JSON.stringify(row)).join('\n'))
    expect(await sentFrom(longalpaca, sample)).toEqual(texts.map(text => [`user: ${text}`]))
    expect(await sentFrom(longalpaca, sample, { chat: false })).toEqual(texts)
    expect(await sentFrom(longalpaca, lines, { chat: false })).toEqual(texts)
  })

  test('finds its file in a directory', async () => {
    expect(await sentFrom(longalpaca, join(sample, '..'), { chat: false })).toEqual(texts)
    mkdirSync(join(root, 'empty'))
    expect(await problemOf(longalpaca, join(root, 'empty'))).toMatch(/is a directory without LongAlpaca-12k\.json; /)
  })

  test.each([
    ['characters', undefined, { maxPromptLength: 2 }, ['短い']],
    ['characters', undefined, { minPromptLength: 3 }, [texts[0]]],
    ['tokens', words, { minPromptLength: tokens, maxPromptLength: tokens }, [texts[0]]],
    ['tokens', words, { minPromptLength: tokens + 1, maxPromptLength: 100 }, []],
  ] as const)('is filtered in %s', async (_unit, tokenizer, settings, left) => {
    const given = { chat: false, ...settings, ...(tokenizer === undefined ? {} : { tokenizer }) }
    expect(await sentFrom(longalpaca, sample, given).catch(() => [])).toEqual(left)
  })

  test('is cut to target_input_len', async () => {
    const path = fileOf('a.json', JSON.stringify([{ instruction: 'the old cat sees a new house' }]))
    const given = { chat: false, tokenizer: words, args: { target_input_len: 3 } }
    expect(await sentFrom(longalpaca, path, given)).toEqual(['the old cat'])
  })

  test.each([
    ['[{"instruction": "a"},\n {"question": "b"}]', 'a.json:2: element 2: no field "instruction" with a text in it'],
    ['[{"instruction": "a"}, "b"]', 'a.json:1: element 2: no field "instruction" with a text in it'],
    ['{"instruction": "a"}\n{"instruction": 7}\n', 'a.json:2: no field "instruction" with a text in it'],
    ['instruction\na\n', 'a.json begins with "instruction\\na\\n"; give JSON Lines or a JSON array'],
    ['[]', 'a.json holds no prompts; give a file with at least one'],
  ])('says what is wrong with %j', async (content, message) => {
    expect(await problemOf(longalpaca, fileOf('a.json', content))).toBe(message)
  })
})

describe('share_gpt_zh and share_gpt_en', () => {
  /** A line as the files of swift/sharegpt have them. */
  const line = (...exchanges: readonly (readonly [string, string])[]): string =>
    `${JSON.stringify({ conversation_id: 1, conversation: exchanges.map(([human, assistant]) => ({ human, assistant })) })}\n`

  const sample = [
    line(['河有多老？', '很老。'], [' 多老\n', ' 一百万年。'], ['谢谢', '不客气']),
    line(['', 'Nobody asked.'], ['How wide is it?', 'Ten metres.'], ['  ', '…']),
    line(['   ', 'Still nobody.']),
    line(['Draw it.', ''], ['Now.', '🖼️']),
    '\n',
    line(['Only this?', 'Yes.']),
  ].join('')
  const file = fileOf('common_zh_70k.jsonl', sample)

  test.each([
    ['share_gpt_zh', shareGptZh],
    ['share_gpt_en', shareGptEn],
  ])('%s sends what was said as history, and its last question', async (_name, dataset) => {
    expect(await sentFrom(dataset, file)).toEqual([
      ['user: 河有多老？', 'assistant: 很老。', 'user: 多老', 'assistant: 一百万年。', 'user: 谢谢'],
      ['user: How wide is it?'],
      ['user: Now.'],
      ['user: Only this?'],
    ])
  })

  test('where chat messages are not taken, a conversation is one text', async () => {
    expect((await sentFrom(shareGptZh, file, { chat: false }))[0]).toBe(
      '河有多老？\n\n很老。\n\n多老\n\n一百万年。\n\n谢谢',
    )
  })

  test('finds its own file in a directory', async () => {
    const folder = join(file, '..')
    expect(await sentFrom(shareGptZh, folder)).toHaveLength(4)
    expect(await problemOf(shareGptEn, folder)).toMatch(/is a directory without common_en_70k\.jsonl; /)
  })

  test('the limits measure the last question alone, in characters or in tokens', async () => {
    const last = async (settings: Parameters<typeof sentFrom>[2]) =>
      (await sentFrom(shareGptZh, file, settings)).map(messages => messages.at(-1))
    expect(await last({ maxPromptLength: 4 })).toEqual(['user: 谢谢', 'user: Now.'])
    expect(await last({ minPromptLength: 10, maxPromptLength: 10 })).toEqual(['user: Only this?'])
    const longer = ['the cat', 'the old cat', 'the old cat sees'].map(text => line(['a river', 'a dog'], [text, 'no']))
    const path = fileOf('a.jsonl', longer.join(''))
    const tokens = words.encodeChat([{ role: 'user', content: 'the old cat' }]).length
    const counted = async (settings: Parameters<typeof sentFrom>[2]) =>
      (await sentFrom(shareGptZh, path, { tokenizer: words, ...settings })).map(messages => messages.at(-1))
    expect(await counted({ maxPromptLength: tokens })).toEqual(['user: the cat', 'user: the old cat'])
    expect(await counted({ minPromptLength: tokens })).toEqual(['user: the old cat', 'user: the old cat sees'])
  })

  describe('with target_input_len', () => {
    const talk = fileOf('a.jsonl', line(['the old cat', 'a dog'], ['the river sees the house', 'no']))
    const sent = (args: DatasetSettings['args'], chat = true) =>
      sentFrom(shareGptEn, talk, { args: { target_input_len: 3, ...args }, chat, tokenizer: words })
    const prefix = fileOf('prefix.txt', 'cat and dog and ')

    test('the last question is cut to it', async () => {
      expect(await sent({})).toEqual([['user: the old cat', 'assistant: a dog', 'user: the river sees']])
      expect(await sent({}, false)).toEqual(['the old cat\n\na dog\n\nthe river sees'])
    })

    test('a prefix fills the whole conversation up', async () => {
      const args = { target_input_len: 14, prefix_file: prefix }
      const messages = ['user: the old cat', 'assistant: a dog', 'user: the river sees the house']
      expect(await sent(args)).toEqual([['system: cat and dog and', ...messages]])
      const inFront = { target_input_len: 9, prefix_file: prefix, prefix_role: 'user' }
      const short = fileOf('b.jsonl', line(['ab', 'cd'], ['ef', 'gh']))
      expect(await sentFrom(shareGptEn, short, { args: inFront, tokenizer: letters })).toEqual([
        ['user: catab', 'assistant: cd', 'user: ef'],
      ])
    })

    test('with a prefix a longer conversation is left out', async () => {
      const args = { target_input_len: 9, prefix_file: prefix }
      await expect(sent(args)).rejects.toThrow('1 prompts read, all longer than target_input_len 9; raise it')
    })
  })

  test.each<[string, string | RegExp]>([
    [`${line(['a', 'b'])}{"conversation": "c"}\n`, 'a.jsonl:2: no field "conversation" with a list in it'],
    [`\n${line(['a', 'b'])}{"conversation": [\n`, /^a\.jsonl:3: not valid JSON/],
    [line(['', 'b']), 'a.jsonl holds no prompts; give a file with at least one'],
  ])('says what is wrong with %j', async (content, message) => {
    const problem = await problemOf(shareGptEn, fileOf('a.jsonl', content))
    if (typeof message === 'string') expect(problem).toBe(message)
    else expect(problem).toMatch(message)
  })
})
