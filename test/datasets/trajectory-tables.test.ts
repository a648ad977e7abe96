import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ParquetWriteOptions, parquetWriteBuffer } from 'hyparquet-writer'
import { describe, expect, test } from 'vitest'
import { sweSmith } from '../../src/datasets/swe-smith.ts'
import { describeDatasetContract } from './conformance.ts'
import { createContext } from './context.ts'
import { contentsOf, createPlace, errorOf, open, words } from './swe-smith.ts'

const { root, fileOf } = createPlace()

const lengths = { args: { first_turn_length: 3, subsequent_turn_length: 3, chars_per_token: 0.1 } }
const named = Array.from({ length: 40 }, (_, index) => `name${index}`)
const tool = (content: string) => ({ role: 'tool', content })
const messagesOf = (...contents: string[]): string => JSON.stringify(contents.map(tool))

type Form = Omit<ParquetWriteOptions, 'writer' | 'columnData'>

/** A file of the published columns, as far as they matter. */
const tableOf = (messages: readonly (string | null)[], form: Form = {}): Buffer =>
  Buffer.from(
    parquetWriteBuffer({
      columnData: [
        { name: 'messages', data: [...messages], type: 'STRING', nullable: true },
        { name: 'instance_id', data: messages.map((_, index) => `id-${index}`), type: 'STRING' },
        { name: 'resolved', data: messages.map(() => true), type: 'BOOLEAN' },
      ],
      ...form,
    }),
  )

/** A directory of files by their paths in it. */
const directoryOf = (files: Readonly<Record<string, Buffer>>): string => {
  const directory = mkdtempSync(join(root, 'files-'))
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(join(directory, name, '..'), { recursive: true })
    writeFileSync(join(directory, name), bytes)
  }
  return directory
}

/** The first content of each conversation. */
const namesIn = async (path: string, settings = {}, seed = 1): Promise<readonly unknown[]> =>
  (await open(path, { ...lengths, ...settings }, { seed })).conversations.map(item => contentsOf(item)[0]?.[0])

const tableOfNames = (names: readonly string[], form?: Form): Buffer =>
  tableOf(
    names.map(name => messagesOf(name)),
    form,
  )

describe('trajectories in Parquet', () => {
  test.each<[string, Form]>([
    ['one row group', {}],
    ['many row groups', { rowGroupSize: 7 }],
    ['no compression', { codec: 'UNCOMPRESSED' }],
  ])('of %s are all taken, in an order drawn from the seed', async (_what, form) => {
    const path = fileOf('a.parquet', tableOfNames(named, form))
    const order = await namesIn(path)
    expect([...order].sort()).toEqual([...named].sort())
    expect(order).not.toEqual(named)
    expect(await namesIn(path)).toEqual(order)
    expect(await namesIn(path, {}, 2)).not.toEqual(order)
  })

  test('make the same turns as the same rows as JSON Lines', async () => {
    const rows = named.map(name => messagesOf(`${name} é`, 'one two three four five', 'six 😀 seven'))
    const settings = { ...lengths, minTurns: 1, maxTurns: 2 }
    const lines = rows.map(messages => `${JSON.stringify({ messages })}\n`).join('')
    const fromLines = (await open(fileOf('rows.jsonl', lines), settings)).conversations
    const fromTable = (await open(fileOf('a.parquet', tableOf(rows)), settings)).conversations
    const sorted = (conversations: readonly unknown[]) => conversations.map(item => JSON.stringify(item)).sort()
    expect(sorted(fromTable)).toEqual(sorted(fromLines))
  })

  test('begin at the offset in the order that is drawn, the first ones last', async () => {
    const path = fileOf('a.parquet', tableOfNames(named, { rowGroupSize: 7 }))
    const order = await namesIn(path)
    expect(await namesIn(path, { offset: 45 })).toEqual([...order.slice(5), ...order.slice(0, 5)])
  })

  test('in rows of lists or of JSON are read too', async () => {
    const lists = parquetWriteBuffer({
      columnData: [{ name: 'messages', data: named.map(name => [tool(name)]), type: 'JSON' }],
    })
    expect([...(await namesIn(fileOf('a.parquet', Buffer.from(lists))))].sort()).toEqual([...named].sort())
  })

  test('with too little text are passed over, and bad rows are named with their file', async () => {
    const good = messagesOf('hello', 'what is')
    const bad = ['{"role": "tool"}', '[{"role": "tool", broken', null]
    const files = directoryOf({
      'a.parquet': tableOf([good, messagesOf('hello', 'world'), messagesOf('hi')]),
      'b.parquet': tableOf([good, ...bad], { rowGroupSize: 2 }),
    })
    // 4 + 2 × (2 − 1) tokens of 2 characters: 12 are needed.
    const args = { first_turn_length: 4, subsequent_turn_length: 2, chars_per_token: 2 }
    const { conversations, said } = await open(files, { args, maxTurns: 2 })
    expect(conversations).toHaveLength(2)
    const shown = said.map(line => line.replace(`${files}/`, ''))
    expect([...shown.slice(0, 3)].sort()).toEqual([
      'b.parquet: row 2: skipped, no field "messages" with a list in it',
      expect.stringMatching(/^b\.parquet: row 3: skipped, not valid JSON \(.+\)$/),
      'b.parquet: row 4: skipped, no field "messages" with a list in it',
    ])
    expect(shown.slice(3)).toEqual([
      'swe_smith: 2 of 7 trajectories used; 2 too short (12 characters of users and tools are needed)',
    ])
  })

  const path = fileOf('a.parquet', tableOfNames(named, { rowGroupSize: 7 }))
  describeDatasetContract({
    dataset: sweSmith,
    createContext: (settings, seed = 1) =>
      createContext({ spec: 'swe_smith', path, ...lengths, ...settings }, { tokenizer: words, seed }),
    draws: true,
  })
})

describe('a directory', () => {
  const [first, second] = [named.slice(0, 20), named.slice(20)]

  test.each<[string, (names: readonly string[]) => string]>([
    ['itself', names => names.join('-')],
    ['its folder data, as hubs have it', names => `data/tool-${names[0]}.parquet`],
    ['default/tool, as Hugging Face converts it', names => `default/tool/${names[0]}.parquet`],
  ])('has its rows in %s', async (_what, nameOf) => {
    const withEnd = (name: string): string => (name.endsWith('.parquet') ? name : `${name}.parquet`)
    const path = directoryOf({
      [withEnd(nameOf(first))]: tableOfNames(first),
      [withEnd(nameOf(second))]: tableOfNames(second),
    })
    const order = await namesIn(path)
    expect([...order].sort()).toEqual([...named].sort())
  })

  test('of several splits gives those of tool alone', async () => {
    const path = directoryOf({
      'data/ticks-00000-of-00001.parquet': tableOfNames(['tick']),
      'data/tool-00000-of-00002.parquet': tableOfNames(first),
      'data/tool-00001-of-00002.parquet': tableOfNames(second),
      'data/xml-00000-of-00001.parquet': tableOfNames(['xml']),
    })
    expect([...(await namesIn(path))].sort()).toEqual([...named].sort())
  })

  test('with a prepared file gives that', async () => {
    const prepared = { conversations: [[{ messages: [{ role: 'user', content: 'ready' }] }]] }
    const path = directoryOf({
      'agentic_dataset.json': Buffer.from(JSON.stringify(prepared)),
      'tool.parquet': tableOfNames(first),
    })
    expect(await namesIn(path)).toEqual(['ready'])
  })
})

test.each<[string, Buffer, RegExp]>([
  [
    'no Parquet',
    Buffer.from('PAR1 not PAR1'),
    /a\.parquet cannot be read as Parquet \(.+\); give a file that is whole$/,
  ],
  [
    'no messages',
    Buffer.from(parquetWriteBuffer({ columnData: [{ name: 'q', data: ['a'], type: 'STRING' }] })),
    /a\.parquet has no column "messages"; give files of SWE-bench\/SWE-smith-trajectories$/,
  ],
  [
    'too short rows',
    tableOfNames(['one']),
    /a\.parquet has no trajectory .*: 195000 characters .* are needed, the longest row has 33 bytes in all; lower/,
  ],
])('%s is one line', async (_what, bytes, message) => {
  expect(await errorOf(fileOf('a.parquet', bytes))).toMatch(message)
})

test('a file that is broken where it is read is one line', async () => {
  const bytes = tableOfNames(named, { codec: 'UNCOMPRESSED' })
  const path = fileOf('a.parquet', bytes)
  writeFileSync(path, Buffer.concat([Buffer.alloc(60), readFileSync(path).subarray(60)]))
  expect(await errorOf(path, lengths)).toMatch(
    /a\.parquet cannot be read as Parquet \(.+\); give a file that is whole$/,
  )
})

test('hubs have the split tool in eight files of one directory', () => {
  const paths = sweSmith.hubFiles?.map(({ huggingface, modelscope }) => {
    expect(modelscope).toEqual(huggingface)
    return huggingface?.path
  })
  expect(paths).toHaveLength(8)
  expect(new Set(paths).size).toBe(8)
  expect(paths?.at(-1)).toBe('data/tool-00007-of-00008.parquet')
})
