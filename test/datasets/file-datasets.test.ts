import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { custom } from '../../src/datasets/custom.ts'
import type { Dataset } from '../../src/datasets/dataset.ts'
import { lineByLine } from '../../src/datasets/line-by-line.ts'
import { openqa } from '../../src/datasets/openqa.ts'
import { ArgumentsError } from '../../src/errors.ts'
import type { DatasetSettings } from '../../src/model/run-plan.ts'
import { createContext, promptsOf, take, textOf } from './context.ts'

let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'datasets-'))
})
afterAll(() => rm(root, { recursive: true }))

/** A file with the given text. */
const fileOf = async (text: string): Promise<string> => {
  const path = join(await mkdtemp(join(root, 'case-')), 'file.txt')
  await writeFile(path, text)
  return path
}

const readFrom = async (dataset: Dataset, text: string, settings: Partial<DatasetSettings> = {}) =>
  promptsOf(await take(dataset.open(createContext({ path: await fileOf(text), chat: false, ...settings }))))

const textsFrom = async (...read: Parameters<typeof readFrom>) => (await readFrom(...read)).map(textOf)

/** What the dataset throws for such a file, without the directory in front. */
const errorFrom = async (...read: Parameters<typeof readFrom>): Promise<string> => {
  const error = await readFrom(...read).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(ArgumentsError)
  expect((error as Error).message).not.toContain('\n')
  return (error as Error).message.replace(/^.*file\.txt/, 'file.txt')
}

describe('openqa', () => {
  test('reads the questions, stripped, and skips blank lines and blank questions', async () => {
    const text = '{"question": " one? ", "answers": []}\r\n\n   \n{"question": "  "}\n{"question": "zwei\\u2028?"}'
    expect(await textsFrom(openqa, text)).toEqual(['one?', 'zwei\u2028?'])
  })

  test('finds its file in a directory', async () => {
    const path = join(root, 'corpus')
    await mkdir(path)
    await writeFile(join(path, 'open_qa.jsonl'), '{"question":"here?"}\n')
    expect(promptsOf(await take(openqa.open(createContext({ path, chat: false })))).map(textOf)).toEqual(['here?'])
  })

  test.each([
    ['{"question":"a"}\n\n{"question": "b}\n', /^file\.txt:3: not valid JSON \(.+\); correct or remove the line$/],
    ['{"question":"a"}\n{"text":"b"}\n', /^file\.txt:2: no field "question" with a text in it$/],
    ['{"question":["a"]}\n', /^file\.txt:1: no field "question" with a text in it$/],
    ['"a"\n', /^file\.txt:1: not a JSON object; each line must be one, in braces$/],
    ['[{"question":"a"}]\n', /^file\.txt:1: not a JSON object/],
    ['\n \n', /^file\.txt holds no prompts; give a file with at least one$/],
    ['', /^file\.txt holds no prompts/],
  ])('says what is wrong with %j', async (text, message) => {
    expect(await errorFrom(openqa, text)).toMatch(message)
  })

  test('gives what stands before a broken line', async () => {
    const path = await fileOf('{"question":"a"}\n{broken\n')
    expect(await take(openqa.open(createContext({ path })), 1)).toHaveLength(1)
  })
})

describe('custom', () => {
  test('takes each line as it stands, stripped, without blank ones', async () => {
    expect(await textsFrom(custom, '\uFEFF one \n\n{"a": 1}\n[1]\r\n\t\n熵')).toEqual(['one', '{"a": 1}', '[1]', '熵'])
  })
})

describe('line_by_line', () => {
  test.each<[string, unknown]>([
    ['What is 2 + 2?', 'What is 2 + 2?'],
    ['  "a quoted\\nprompt"  ', 'a quoted\nprompt'],
    ['42', '42'],
    ['1e400', '1e400'],
    ['true', 'true'],
    ['null', 'null'],
    ['{not json', '{not json'],
    ['[also not', '[also not'],
  ])('takes %j as a text', async (line, text) => {
    expect(await readFrom(lineByLine, line)).toEqual([{ kind: 'text', text }])
  })

  test('takes an array as messages and an object as a whole body, in either mode', async () => {
    const messages = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: [{ type: 'text', text: 'Hi' }], name: 'Ann' },
    ]
    const body = { model: 'other', prompt: 'x', n: 2 }
    const text = `${JSON.stringify(messages)}\n${JSON.stringify(body)}\n`
    const prompts = [
      { kind: 'messages', messages },
      { kind: 'body', body },
    ]
    expect(await readFrom(lineByLine, text, { chat: true })).toEqual(prompts)
    expect(await readFrom(lineByLine, text, { chat: false })).toEqual(prompts)
  })

  test('measures texts alone against the limits', async () => {
    const text = 'much too long a text\n[{"role":"user","content":"long but complete"}]\nok\n""\n'
    const prompts = await readFrom(lineByLine, text, { maxPromptLength: 3 })
    expect(prompts.map(prompt => prompt.kind)).toEqual(['messages', 'text'])
  })

  test.each([
    ['ok\n[1, 2]\n', 'file.txt:2: message 1 of the array is no object with a "role" such as "user"'],
    [
      '[{"role":"user","content":"a"},{"content":"b"}]\n',
      'file.txt:1: message 2 of the array is no object with a "role" such as "user"',
    ],
    ['\n[]\n', 'file.txt:2: the array holds no messages'],
  ])('says what is wrong with %j', async (text, message) => {
    expect(await errorFrom(lineByLine, text)).toBe(message)
  })
})

describe('length limits', () => {
  test.each<[number, number, string[]]>([
    [0, 100, ['a', 'bb', '😀😀😀', '你好世界']],
    [2, 3, ['bb', '😀😀😀']],
    [3, 4, ['😀😀😀', '你好世界']],
    [1, 1, ['a']],
  ])('from %i to %i characters, both included, an emoji being one', async (minPromptLength, maxPromptLength, texts) => {
    expect(await textsFrom(custom, 'a\nbb\n😀😀😀\n你好世界\n', { minPromptLength, maxPromptLength })).toEqual(texts)
  })

  test('a pass that leaves nothing says how many prompts it read', async () => {
    expect(await errorFrom(custom, 'aaaa\nbbbb\ncccc\n', { minPromptLength: 1, maxPromptLength: 3 })).toBe(
      'file.txt: 3 prompts read, all outside --min-prompt-length 1 … --max-prompt-length 3 (characters); ' +
        'widen the limits or give another file',
    )
  })
})

describe('paths', () => {
  test.each<[string, Dataset, string | undefined, RegExp]>([
    [
      'line_by_line',
      lineByLine,
      undefined,
      /^--dataset line_by_line needs --dataset-path: a file with one prompt per line/,
    ],
    [
      'custom',
      custom,
      undefined,
      /^--dataset custom needs --dataset-path: a text file with one prompt per line, or a \.csv, \.tsv, \.parquet, \.json or \.jsonl file$/,
    ],
    ['openqa', openqa, 'missing.jsonl', /missing\.jsonl does not exist; give a file that does$/],
    ['custom', custom, 'missing.txt', /missing\.txt does not exist; give a file that does$/],
    ['openqa', openqa, 'folder', /folder is a directory without open_qa\.jsonl; give the file itself$/],
    ['custom', custom, '../../../../../../dev/null', /dev\/null is a pipe or device, .*; save it to a file$/],
    ['custom', custom, 'folder', /folder is a directory; give the file itself$/],
  ])('%s with the path %3$s is refused in one line', async (spec, dataset, name, message) => {
    await mkdir(join(root, 'folder'), { recursive: true })
    const path = name === undefined ? undefined : join(root, name)
    const error = await take(dataset.open(createContext({ spec, path }))).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ArgumentsError)
    expect((error as Error).message).toMatch(message)
  })
})
