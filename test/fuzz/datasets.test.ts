import fc from 'fast-check'
import { createPlace, readDataset } from './dataset-place.ts'
import { fuzz } from './fuzz.ts'
import {
  anyJson,
  type ByteChange,
  byteChange,
  changedBytes,
  changedJson,
  hostileText,
  type JsonChange,
  jsonChange,
} from './hostile.ts'

const { put } = createPlace()

/** Items that each dataset takes, by its name and the ending of its file. */
const lineItems: readonly (readonly [name: string, ending: string, items: readonly unknown[]])[] = [
  ['openqa', 'jsonl', [{ question: 'why' }, { question: '为什么', human_answers: ['x'] }]],
  ['longalpaca', 'jsonl', [{ instruction: 'a long text', output: 'x' }]],
  [
    'share_gpt_en',
    'jsonl',
    [
      {
        conversation: [
          { human: 'a', assistant: 'b' },
          { human: 'c', assistant: 'd' },
        ],
      },
    ],
  ],
  ['share_gpt_zh_multi_turn', 'jsonl', [{ conversation: [{ human: 'a', assistant: 'b' }, { human: 'c' }] }]],
  [
    'custom_multi_turn',
    'jsonl',
    [
      [
        { role: 'user', content: 'a' },
        { role: 'assistant', content: 'b' },
        { role: 'user', content: 'c' },
      ],
    ],
  ],
  ['line_by_line', 'jsonl', ['text', [{ role: 'user', content: 'a' }], { messages: [], model: 'm' }, 5]],
  ['custom', 'jsonl', ['text', { a: 1 }]],
  ['embedding', 'jsonl', ['text', { text: 'a' }, { sentence: 'b' }]],
  ['embedding_batch', 'jsonl', ['text', { input: 'a' }, 'b', 'c']],
  [
    'rerank',
    'jsonl',
    [
      { query: 'q', documents: ['a', { text: 'b' }] },
      { query: 'q', passages: 'a' },
    ],
  ],
  [
    'trie_code_qa',
    'jsonl',
    [
      {
        num_turns: 1,
        input_prompt_length: 5,
        final_assistant_response_length: 3,
        assistant_response_length: [2],
        tool_call_output_length: [4],
        tool_call_latency: [0.5],
      },
    ],
  ],
  [
    'swe_smith',
    'jsonl',
    [
      {
        messages: [
          { role: 'user', content: 'word '.repeat(40) },
          { role: 'tool', content: 'b '.repeat(40) },
        ],
      },
      { messages: '[{"role":"user","content":"a b c d"}]' },
    ],
  ],
  [
    'workload_trace',
    'jsonl',
    [
      {
        timestamp: 1.5,
        body: { model: 'm', messages: [] },
        headers: { 'X-A': 'b' },
        request_id: 'r',
        completion_tokens: 5,
      },
      { timestamp: '2026-01-02T03:04:05.5Z', body: '{"prompt":"a"}' },
    ],
  ],
]

const arrayItems: readonly (readonly [name: string, ending: string, items: readonly unknown[]])[] = [
  ...lineItems
    .filter(([name]) => ['longalpaca', 'line_by_line', 'custom', 'embedding', 'rerank'].includes(name))
    .map(([name, , items]) => [name, 'json', items] as const),
  [
    'swe_smith',
    'json',
    [[{ messages: [{ role: 'user', content: 'a' }] }, { messages: [{ role: 'tool', content: 'b' }] }]],
  ],
]

/** What may be asked of a dataset beside its file. */
const argsFor = (name: string): readonly Readonly<Record<string, unknown>>[] => {
  if (name === 'line_by_line' || name === 'custom') return [{}, {}, { field: 'a' }, { field: '__proto__' }]
  if (name === 'workload_trace') return [{}, { speed: 2 }, { match_output_length: true, model_override: 'x' }]
  if (name === 'swe_smith') return [{ first_turn_length: 5, subsequent_turn_length: 3, chars_per_token: 0.1 }]
  return [{}]
}

interface FileCase {
  readonly which: number
  readonly args: number
  readonly order: readonly number[]
  readonly changes: readonly JsonChange[]
  readonly others: readonly string[]
  readonly lineEnd: string
  readonly byteChanges: readonly ByteChange[]
  readonly noise: Uint8Array | undefined
}

const fileCase: fc.Arbitrary<FileCase> = fc.record({
  which: fc.nat({ max: 50 }),
  args: fc.nat({ max: 5 }),
  order: fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 5 }),
  changes: fc.array(jsonChange, { maxLength: 3 }),
  others: fc.array(fc.oneof(anyJson, hostileText), { maxLength: 3 }),
  lineEnd: fc.constantFrom('\n', '\n', '\r\n', '\n\n'),
  byteChanges: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, fc.array(byteChange, { maxLength: 3 })),
  noise: fc.option(fc.uint8Array({ maxLength: 100 }), { freq: 12, nil: undefined }),
})

const pick = <Item>(items: readonly Item[], at: number): Item => items[at % items.length] as Item

/** The texts of a file's items: some changed, some that are none of its own. */
const textsOf = (items: readonly unknown[], { order, changes, others }: FileCase): readonly string[] => [
  ...order.map((at, position) =>
    position === 0 ? changedJson(pick(items, at), changes) : JSON.stringify(pick(items, at)),
  ),
  ...others,
]

const bytesOf = (text: string, { byteChanges, noise }: FileCase): Buffer =>
  changedBytes(noise === undefined ? Buffer.from(text) : Buffer.from(noise), byteChanges)

fuzz<[FileCase]>('JSON Lines', [fileCase], async given => {
  const [name, ending, items] = pick(lineItems, given.which)
  const text = textsOf(items, given).join(given.lineEnd) + given.lineEnd
  await readDataset(name, put(`case.${ending}`, bytesOf(text, given)), pick(argsFor(name), given.args) as never)
})

fuzz<[FileCase]>('JSON arrays', [fileCase], async given => {
  const [name, ending, items] = pick(arrayItems, given.which)
  const array = `[${textsOf(items, given).join(`,${given.lineEnd}`)}]`
  const text = name === 'swe_smith' ? `{"conversations":${array}}` : array
  await readDataset(name, put(`case.${ending}`, bytesOf(text, given)), pick(argsFor(name), given.args) as never)
})

fuzz<[FileCase]>('text files', [fileCase], async given => {
  const name = pick(['line_by_line', 'custom', 'embedding', 'embedding_batch'], given.which)
  const text = given.others.join(given.lineEnd) + given.lineEnd
  await readDataset(name, put('case.txt', bytesOf(text, given)))
})

const cell = fc.oneof(
  fc.constantFrom('question', 'a,b', '"a"', '"a ""b"""', '"', '""', '', 'a\tb', "'", '"a\nb"', ' "a" '),
  hostileText,
)

const csvCase = fc.record({
  head: fc.oneof(fc.constantFrom('question', 'question,id', 'a;b', 'a\tb', '"a ""b"""|c', ''), hostileText),
  rows: fc.array(fc.array(cell, { minLength: 1, maxLength: 3 }), { maxLength: 5 }),
  delimiter: fc.constantFrom(',', ';', '\t', '|', 'x', undefined),
  field: fc.constantFrom(undefined, 'question', 'a', '__proto__', ''),
  lineEnd: fc.constantFrom('\n', '\r\n', '\r'),
  changes: fc.array(byteChange, { maxLength: 3 }),
})

type CsvCase = typeof csvCase extends fc.Arbitrary<infer Case> ? Case : never

fuzz<[CsvCase]>('CSV', [csvCase], async ({ head, rows, delimiter, field, lineEnd, changes }) => {
  const text = [head, ...rows.map(row => row.join(delimiter ?? ','))].join(lineEnd)
  const args = { ...(delimiter !== undefined && { delimiter }), ...(field !== undefined && { field }) }
  await readDataset('custom', put('case.csv', changedBytes(Buffer.from(text), changes)), args)
})
