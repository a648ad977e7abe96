import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { type ParquetWriteOptions, parquetWriteBuffer } from 'hyparquet-writer'
import { afterAll, describe, expect, test } from 'vitest'
import { custom } from '../../src/datasets/custom.ts'
import type { Dataset } from '../../src/datasets/dataset.ts'
import { lineByLine } from '../../src/datasets/line-by-line.ts'
import { ArgumentsError } from '../../src/errors.ts'
import type { Prompt } from '../../src/model/conversation.ts'
import type { JsonObject } from '../../src/model/json.ts'
import { createContext, promptsOf, take, textOf } from './context.ts'
import { letters } from './length-cases.ts'

const root = mkdtempSync(join(tmpdir(), 'own-'))
afterAll(() => rmSync(root, { recursive: true }))

const fileOf = (name: string, content: string | ArrayBuffer): string => {
  const path = join(mkdtempSync(join(root, 'case-')), name)
  writeFileSync(path, typeof content === 'string' ? content : new Uint8Array(content))
  return path
}

const promptsIn = async (dataset: Dataset, path: string, args: JsonObject = {}, said: string[] = []) =>
  promptsOf(await take(dataset.open(createContext({ spec: 'own', path, args, chat: false }, { said }))))

const textsIn = async (...of: Parameters<typeof promptsIn>) => (await promptsIn(...of)).map(textOf)

/** What is wrong with a file, without the directory in front of its name. */
const problemIn = async (...of: Parameters<typeof promptsIn>): Promise<string> => {
  const error = await promptsIn(...of).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(ArgumentsError)
  expect((error as Error).message).not.toContain('\n')
  return withoutRoot((error as Error).message)
}

const withoutRoot = (text: string): string => text.replaceAll(new RegExp(`${root}/case-[^/]*/`, 'g'), '')

/** The bytes as Zstandard has them when it finds nothing to compress: Node 20 has no compressor. */
const zstdOf = (bytes: Uint8Array): Uint8Array => {
  const most = 128 * 1024
  const size = Buffer.alloc(4)
  size.writeUInt32LE(bytes.length)
  const blocks = Array.from({ length: Math.ceil(bytes.length / most) }, (_, index) => {
    const block = bytes.subarray(index * most, (index + 1) * most)
    const isLast = (index + 1) * most >= bytes.length
    const head = Buffer.alloc(3)
    head.writeUIntLE((block.length << 3) | (isLast ? 1 : 0), 0, 3)
    return Buffer.concat([head, block])
  })
  return Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xa0]), size, ...blocks])
}

const bothDatasets = [
  ['custom', custom],
  ['line_by_line', lineByLine],
] as const

describe.each(bothDatasets)('%s', (_name, dataset) => {
  test.each<[string, string, JsonObject, string[]]>([
    ['a.csv', 'id,question\n1,Why?\n2, How? \n', { field: 'question' }, ['Why?', 'How?']],
    ['a.CSV', '\uFEFFid,question\r\n1,"a ""b"", c\r\nd"\r\n\r\n2,é', { field: 'question' }, ['a "b", c\nd', 'é']],
    ['a.csv', 'question\nWhy, then?\n', { field: 'question', delimiter: ';' }, ['Why, then?']],
    ['a.csv', '"the, question";id\nWhy, then?;1\n', { field: 'the, question' }, ['Why, then?']],
    ['a.csv', 'id\tquestion\n1\tWhy, then; now?\n', { field: 'question' }, ['Why, then; now?']],
    ['a.csv', 'question\nWhy?\nHow?\n', {}, ['Why?', 'How?']],
    ['a.tsv', 'id\tquestion, then\n1\tWhy, then; now?\n', { field: 'question, then' }, ['Why, then; now?']],
    ['a.tsv', 'question\nWhy, then?\n', {}, ['Why, then?']],
    ['a.TSV', 'id|question\n1|Why?\n', { field: 'question', delimiter: '|' }, ['Why?']],
    ['a.json', '["Why?", " How? "]', {}, ['Why?', 'How?']],
    ['a.json', '[{"id": 1, "question": "Why?"}, {"question": "How?"}]', { field: 'question' }, ['Why?', 'How?']],
    ['a.json', ' \n[{"id": 1, "question": "Why?"}, {"question": "How?"}]', {}, ['Why?', 'How?']],
    ['a.jsonl', '{"q": "Why?"}\n\n{"q": "How?", "id": 2}\n', { field: 'q' }, ['Why?', 'How?']],
    ['a.json', '{"q": "Why?"}\n{"q": "How?"}\n', { field: 'q' }, ['Why?', 'How?']],
    ['a.data', '{"q": "Why?"}\n', { field: 'q' }, ['Why?']],
    ['a.jsonl', '{"q": 7}\n{"q": true}\n', { field: 'q' }, ['7', 'true']],
  ])('of %s that holds %j takes, with %j, %j', async (name, content, args, texts) => {
    expect(await textsIn(dataset, fileOf(name, content), args)).toEqual(texts)
  })

  test('passes over values that are missing or empty, and names the first ones', async () => {
    const said: string[] = []
    const rows = ['Why?', null, ' ', undefined, '', 'How?'].map(question => JSON.stringify({ question, id: 1 }))
    const path = fileOf('a.jsonl', rows.join('\n'))
    expect(await textsIn(dataset, path, { field: 'question' }, said)).toEqual(['Why?', 'How?'])
    expect(said.map(withoutRoot)).toEqual([
      'a.jsonl:2: skipped, no prompt in it',
      'a.jsonl:3: skipped, no prompt in it',
      'a.jsonl:4: skipped, no prompt in it',
      'a.jsonl: 4 lines skipped in all',
    ])
  })

  test('says which column it found where only one has texts', async () => {
    const said: string[] = []
    const path = fileOf('a.json', '[{"id": 7, "question": "Why?"}]')
    await textsIn(dataset, path, {}, said)
    expect(said.map(withoutRoot)).toEqual(['own: prompts are in "question" of a.json'])
  })
})

describe('what cannot be read is named in one line', () => {
  const noObject = 'no whole JSON object; a .json file holds an array, or one object in each line'
  const choice = 'say which one holds the prompts, as in --dataset-args'
  test.each<[string, string, JsonObject, string | RegExp]>([
    [
      'a.csv',
      'id,question,to\n1,a,b\n',
      {},
      `a.csv has the columns "id", "question", "to"; ${choice} '{"field":"question"}'`,
    ],
    [
      'a.csv',
      'id;frage;land\n1;Warum?;de\n1000000;"Wie; und ""wo""?";at\n3\n',
      {},
      `a.csv has the columns "id", "frage", "land"; ${choice} '{"field":"frage"}'`,
    ],
    ['a.csv', 'id,frage\n1,Warum?\n2,"Wie', {}, `a.csv has the columns "id", "frage"; ${choice} '{"field":"frage"}'`],
    ['a.json', '[{"a":"x","b":"longer"}]', {}, `a.json has the fields "a", "b"; ${choice} '{"field":"b"}'`],
    ['a.json', '[{"a":"x","b":"y"}]', {}, `a.json has the fields "a", "b"; ${choice} '{"field":"a"}'`],
    [
      'a.json',
      '[{"role":"user","content":"Why?"}]\n[{"role":"user","content":"How?"}]\n',
      {},
      'a.json has the fields "role", "content"; chat messages go into JSON Lines (.jsonl), an array of them a line',
    ],
    ['a.json', '[{"a":1}]', {}, `a.json has the fields "a"; ${choice} '{"field":"a"}'`],
    [
      'a.json',
      '[{"model":"m","messages":[]}]',
      {},
      `a.json has the fields "model", "messages"; ${choice} '{"field":"messages"}'`,
    ],
    [
      'a.csv',
      'id,question\n1,a\n',
      { field: 'Question' },
      'a.csv has no column "Question"; "field" in --dataset-args may be one of "id", "question"',
    ],
    ['a.jsonl', '{"id":1}\n', { field: 'q' }, 'a.jsonl has no field "q"; "field" in --dataset-args may be one of "id"'],
    ['a.csv', 'q,q\n1,a\n', { field: 'q' }, 'a.csv has 2 columns "q"; give all but one another name'],
    [
      'a.csv',
      'id,q\n1,"two\nlines"\n\n2,a,b\n',
      { field: 'q' },
      'a.csv:5: 3 columns where the first row has 2; put texts that hold "," in quotes, or give another "delimiter" ' +
        'in --dataset-args',
    ],
    ['a.csv', 'id,q\n1,a\n2\n', { field: 'q' }, /^a\.csv:3: 1 column where the first row has 2; /],
    [
      'a.csv',
      'id,q\n1,a\n2,5" pipe, 6" pipe\n',
      { field: 'q' },
      'a.csv:3: a quote within a text; put the text in quotes, and write those in it twice',
    ],
    [
      'a.csv',
      'id,q\n1,a\n2,"b\n3,c\n',
      { field: 'q' },
      'a.csv:3: a quote is opened in this row and not closed; close or remove it',
    ],
    [
      'a.csv',
      'id,q\r1,"a"\r2,b\r',
      { field: 'q' },
      'a.csv:1: the lines end in CR alone; save the file with LF or CRLF',
    ],
    ['a.json', '\n{\n  "q": "Why?"\n}\n', {}, `a.json:2: ${noObject}`],
    ['a.json', '{\n  "q": "Why?"\n}\n', { field: 'q' }, `a.json:1: ${noObject}`],
    ['a.csv', 'id,q\n', { field: 'q' }, 'a.csv holds no prompts; give a file with at least one'],
    ['a.csv', '', { field: 'q' }, 'a.csv holds no prompts; give a file with at least one'],
    [
      'a.csv',
      'id,q\n1,\n2," "\n',
      { field: 'q' },
      'a.csv:2: no prompt in it, nor in any other row; give another file or field',
    ],
    ['a.jsonl', '{"q":"a"}\n{"q":"b}\n', { field: 'q' }, /^a\.jsonl:2: not valid JSON/],
    ['a.jsonl', '{"q":"a"}\n"b"\n', { field: 'q' }, 'a.jsonl:2: no object, and so without "q"; correct or remove it'],
    ['a.json', '[{"q":"a"},\n{"q":"b}]', { field: 'q' }, /^a\.json:2: element 2: the file ends before/],
    ['a.json', '["a",\n"b', {}, /^a\.json:2: element 2: the file ends before the array does; is it whole\?$/],
    ['a.txt', 'a\n', { delimiter: ';' }, '--dataset-args: "delimiter" is of .csv and .tsv files; leave it out'],
    ['a.csv', 'a\n', { delimiter: ';;' }, '--dataset-args: "delimiter" must be one character, got ";;"'],
    ['a.parquet', 'PAR1 not PAR1', { field: 'q' }, /^a\.parquet cannot be read as Parquet \(.+\); give a file that/],
    ['a.parquet', '', { field: 'q' }, /^a\.parquet cannot be read as Parquet/],
  ])('%s that holds %j, with %j', async (name, content, args, message) => {
    const problem = await problemIn(custom, fileOf(name, content), args)
    if (typeof message === 'string') expect(problem).toBe(message)
    else expect(problem).toMatch(message)
  })
})

test('a cell or field of line_by_line is messages or a body just as a line is, and of custom a text', async () => {
  const messages = [{ role: 'user', content: 'Why?' }]
  const values = [JSON.stringify(messages), messages, '{"prompt": "x"}', { prompt: 'x' }, '"a\\nb"', '[broken']
  const path = fileOf('a.json', JSON.stringify(values.map(q => ({ q }))))
  const body = { kind: 'body', body: { prompt: 'x' } }
  const sent = { kind: 'messages', messages }
  expect(await promptsIn(lineByLine, path, { field: 'q' })).toEqual<readonly unknown[]>([
    ...[sent, sent, body, body],
    { kind: 'text', text: 'a\nb' },
    { kind: 'text', text: '[broken' },
  ])
  expect(await textsIn(custom, path, { field: 'q' })).toEqual([
    ...[JSON.stringify(messages), JSON.stringify(messages), '{"prompt": "x"}', '{"prompt":"x"}', '"a\\nb"', '[broken'],
  ])
})

test('an array in a .json file holds the prompts of line_by_line, lists of messages among them', async () => {
  const messages = [{ role: 'user', content: 'Why?' }]
  const prompts: readonly Prompt[] = await promptsIn(lineByLine, fileOf('a.json', JSON.stringify(['How?', messages])))
  expect(prompts).toEqual([
    { kind: 'text', text: 'How?' },
    { kind: 'messages', messages },
  ])
  expect(await problemIn(lineByLine, fileOf('a.json', '["How?",\n[1]]'))).toBe(
    'a.json:2: element 2: message 1 of the array is no object with a "role" such as "user"',
  )
})

test('the length limits concern the chosen texts', async () => {
  const path = fileOf('a.csv', 'id,q\n1,too long a text\n2,ok\n')
  const context = createContext({ path, args: { field: 'q' }, chat: false, maxPromptLength: 3 })
  expect(promptsOf(await take(custom.open(context))).map(textOf)).toEqual(['ok'])
})

test('a column is brought to target_input_len', async () => {
  const path = fileOf('a.csv', 'id,q\n1,abcde\n2,a\n')
  const context = createContext(
    { path, args: { field: 'q', target_input_len: 3 }, chat: false },
    { tokenizer: letters },
  )
  expect(promptsOf(await take(lineByLine.open(context))).map(textOf)).toEqual(['abc', 'a'])
})

describe('Parquet', () => {
  // Enough for several parts of one row group, some of them twice.
  const texts = Array.from({ length: 3000 }, (_, index) => `question ${index % 2000}: ${'é'.repeat(index % 1000)}?`)
  const id = { name: 'id', data: texts.map((_, index) => BigInt(index)), type: 'INT64' as const }
  const compressors = { GZIP: (bytes: Uint8Array) => gzipSync(bytes), ZSTD: zstdOf }

  test.each<[string, Omit<ParquetWriteOptions, 'writer' | 'columnData'>, boolean]>([
    ['one row group', { rowGroupSize: 10_000 }, true],
    ['one row group of many pages', { rowGroupSize: 10_000, pageSize: 1 << 14 }, true],
    ['one row group of many pages without an index', { rowGroupSize: 10_000, pageSize: 1 << 14 }, false],
    ['many row groups', { rowGroupSize: 300 }, true],
    ['gzip', { codec: 'GZIP', compressors }, true],
    ['zstd', { codec: 'ZSTD', compressors }, true],
    ['no compression', { codec: 'UNCOMPRESSED' }, true],
  ])('of %s gives all texts in their order', async (_what, options, offsetIndex) => {
    const q = { name: 'q', data: texts, type: 'STRING' as const, offsetIndex }
    const path = fileOf('a.parquet', parquetWriteBuffer({ columnData: [id, q], ...options }))
    // The only column with texts.
    expect(await textsIn(custom, path)).toEqual(texts)
  })

  test('values that are no texts come as JSON, rows without one are skipped', async () => {
    const path = fileOf(
      'a.parquet',
      parquetWriteBuffer({
        columnData: [
          { name: 'id', data: [1n, 2n, null], type: 'INT64' },
          { name: 'when', data: [new Date(0), null, null], type: 'TIMESTAMP' },
          { name: 'messages', data: [[{ role: 'user', content: 'Why?' }], null, []], type: 'JSON' },
          { name: 'plain', data: ['a', 'b', 'c'].map(text => new TextEncoder().encode(text)), type: 'BYTE_ARRAY' },
        ],
      }),
    )
    const said: string[] = []
    expect(await textsIn(custom, path, { field: 'id' }, said)).toEqual(['1', '2'])
    expect(said.map(withoutRoot)).toEqual(['a.parquet: row 3: skipped, no prompt in it'])
    expect(await textsIn(custom, path, { field: 'when' })).toEqual(['1970-01-01T00:00:00.000Z'])
    expect(await textsIn(custom, path, { field: 'plain' })).toEqual(['a', 'b', 'c'])
    expect((await take(lineByLine.open(createContext({ path, args: { field: 'messages' } })), 1))[0]).toEqual({
      turns: [{ prompt: { kind: 'messages', messages: [{ role: 'user', content: 'Why?' }] } }],
    })
    expect(await problemIn(custom, path, { field: 'text' })).toBe(
      'a.parquet has no column "text"; "field" in --dataset-args may be one of "id", "when", "messages", "plain"',
    )
  })
})
