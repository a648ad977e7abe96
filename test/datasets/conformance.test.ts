import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { afterAll, describe, expect, test } from 'vitest'
import { custom } from '../../src/datasets/custom.ts'
import { builtinDatasets } from '../../src/datasets/index.ts'
import { lineByLine } from '../../src/datasets/line-by-line.ts'
import { openqa } from '../../src/datasets/openqa.ts'
import { promptDataset } from '../../src/datasets/prompt.ts'
import type { DatasetSettings } from '../../src/model/run-plan.ts'
import { loadTokenizer } from '../../src/tokenizers/index.ts'
import { wordsTokenizerPath } from '../tokenizers/paths.ts'
import { describeDatasetContract } from './conformance.ts'
import { createContext, images, promptsOf, take } from './context.ts'
import { jpeg, png, writeParquet } from './image-files.ts'

const root = realpathSync(mkdtempSync(join(tmpdir(), 'datasets-')))
afterAll(() => rmSync(root, { recursive: true }))

const linesFile = join(root, 'lines.txt')
writeFileSync(linesFile, Array.from({ length: 60 }, (_, index) => `question ${index}\n`).join(''))
const conversationsFile = join(root, 'conversations.jsonl')
const conversationLines = Array.from({ length: 30 }, (_, index) => [
  { role: 'user', content: `question ${index}` },
  { role: 'assistant', content: 'an answer' },
  { role: 'user', content: 'and then?' },
])
writeFileSync(conversationsFile, conversationLines.map(line => `${JSON.stringify(line)}\n`).join(''))

const shareGptFile = join(root, 'share-gpt.jsonl')
const shareGptLines = Array.from({ length: 30 }, (_, index) => ({
  conversation: [
    { human: `question ${index}`, assistant: 'an answer' },
    { human: 'and then?', assistant: 'no more' },
  ],
}))
writeFileSync(shareGptFile, shareGptLines.map(line => `${JSON.stringify(line)}\n`).join(''))

// Of one question each: those of several are sent with their history, and not as one message.
const questionsFile = join(root, 'questions.jsonl')
const questionLines = shareGptLines.map(({ conversation }) => ({ conversation: conversation.slice(0, 1) }))
writeFileSync(questionsFile, questionLines.map(line => `${JSON.stringify(line)}\n`).join(''))

const instructionsFile = join(root, 'instructions.json')
const instructions = Array.from({ length: 30 }, (_, index) => ({ instruction: `question ${index}`, output: 'none' }))
writeFileSync(instructionsFile, JSON.stringify(instructions, null, 2))

const trajectoriesFile = join(root, 'trajectories.jsonl')
const trajectoryLines = Array.from({ length: 30 }, () => ({
  messages: JSON.stringify(
    Array.from({ length: 6 }, () => ({ role: 'tool', content: 'the old cat sees a new house' })),
  ),
}))
writeFileSync(trajectoriesFile, trajectoryLines.map(line => `${JSON.stringify(line)}\n`).join(''))

const tracesFile = join(root, 'traces.jsonl')
const traceLines = Array.from({ length: 30 }, (_, index) => ({
  input_prompt_length: 20 + index,
  num_turns: 2,
  assistant_response_length: [5, 6],
  tool_call_output_length: [7, 8],
  tool_call_latency: [0.5, 1.25],
  final_assistant_response_length: 9,
}))
writeFileSync(tracesFile, traceLines.map(line => `${JSON.stringify(line)}\n`).join(''))

const workloadFile = join(root, 'workload.jsonl')
const workloadLines = Array.from({ length: 30 }, (_, index) => ({ timestamp: index, body: { messages: [], index } }))
writeFileSync(workloadFile, workloadLines.map(line => `${JSON.stringify(line)}\n`).join(''))

const rerankFile = join(root, 'rerank.jsonl')
const rerankLines = Array.from({ length: 30 }, (_, index) => ({ query: `question ${index}`, documents: ['yes', 'no'] }))
writeFileSync(rerankFile, rerankLines.map(line => `${JSON.stringify(line)}\n`).join(''))

const imagesFile = join(root, 'images.parquet')
const imageRows = Array.from({ length: 30 }, (_, index) => ({
  jpg: jpeg(`${index}`),
  txt: `a dog ${index}`,
  image: png(`${index}`),
  instruction: `make it ${index}`,
}))
writeParquet(imagesFile, imageRows, { images: ['jpg', 'image'], isObject: true })

const packageFile = fileURLToPath(new URL('../../datasets/open_qa.jsonl', import.meta.url))
const tokenizer = await loadTokenizer(wordsTokenizerPath)

/** What each dataset needs before it works. */
const needs: Readonly<Record<string, Partial<DatasetSettings>>> = {
  longalpaca: { path: instructionsFile },
  share_gpt_zh: { path: questionsFile },
  share_gpt_en: { path: questionsFile },
  line_by_line: { path: linesFile },
  custom: { path: linesFile },
  random: { minPromptLength: 6, maxPromptLength: 40 },
  random_vl: { minPromptLength: 6, maxPromptLength: 40, images: { ...images, widthPx: 20, heightPx: 10 } },
  flickr8k: { path: imagesFile },
  kontext_bench: { path: imagesFile },
  random_multi_turn: { minPromptLength: 6, maxPromptLength: 40, maxTurns: 3 },
  custom_multi_turn: { path: conversationsFile },
  share_gpt_zh_multi_turn: { path: shareGptFile },
  share_gpt_en_multi_turn: { path: shareGptFile },
  swe_smith: {
    path: trajectoriesFile,
    maxTurns: 3,
    args: { first_turn_length: [5, 20], subsequent_turn_length: [3, 9], chars_per_token: 1 },
  },
  trie_agentic_coding: { path: tracesFile },
  trie_code_qa: { path: tracesFile },
  trie_office_work: { path: tracesFile },
  workload_trace: { path: workloadFile },
  embedding: { path: linesFile },
  embedding_batch: { path: linesFile, args: { batch_size: 4 } },
  random_embedding: { minPromptLength: 6, maxPromptLength: 40 },
  random_embedding_batch: { minPromptLength: 6, maxPromptLength: 40, args: { batch_size: 4 } },
  rerank: { path: rerankFile },
  random_rerank: { minPromptLength: 2, maxPromptLength: 10, args: { num_documents: 3 } },
  prompt: { prompt: 'How old is the river?' },
}

const files: Readonly<Record<string, string>> = {
  openqa: packageFile,
  longalpaca: instructionsFile,
  share_gpt_zh: questionsFile,
  share_gpt_en: questionsFile,
  line_by_line: linesFile,
  custom: linesFile,
  flickr8k: imagesFile,
  kontext_bench: imagesFile,
  custom_multi_turn: conversationsFile,
  share_gpt_zh_multi_turn: shareGptFile,
  share_gpt_en_multi_turn: shareGptFile,
  swe_smith: trajectoriesFile,
  trie_agentic_coding: tracesFile,
  trie_code_qa: tracesFile,
  trie_office_work: tracesFile,
  workload_trace: workloadFile,
  embedding: linesFile,
  embedding_batch: linesFile,
  rerank: rerankFile,
}

/** Datasets whose prompts depend on seed and offset. */
const drawing: readonly string[] = [
  'random',
  'random_vl',
  'random_multi_turn',
  'swe_smith',
  'trie_agentic_coding',
  'trie_code_qa',
  'trie_office_work',
  'random_embedding',
  'random_embedding_batch',
  'random_rerank',
]

const contextOf = (name: string, settings: Partial<DatasetSettings> = {}, seed = 1) =>
  createContext({ spec: name, ...needs[name], ...settings }, { seed, ...(drawing.includes(name) ? { tokenizer } : {}) })

const builtin = await Promise.all(Object.values(builtinDatasets).map(load => load()))
const datasets = [...new Set(builtin), promptDataset].map(dataset => ({ name: dataset.names[0] ?? '', dataset }))

for (const { name, dataset } of datasets) {
  const file = files[name]
  describeDatasetContract({
    dataset,
    createContext: (settings, seed) => contextOf(name, settings, seed),
    ...(file === undefined ? {} : { file }),
    ...(drawing.includes(name) ? { draws: true } : {}),
  })
}

const ownFormats = [
  ['a.csv', 'id;question\n1;"one,\ntwo"\n2;three\n'],
  ['a.json', '[{"question": "one"}, {"question": "three"}]'],
  ['a.jsonl', '{"question": "one"}\n{"question": "three"}\n'],
  ['a.parquet', parquetWriteBuffer({ columnData: [{ name: 'question', data: ['one', 'three'] }] })],
] as const
for (const [name, content] of ownFormats) {
  const file = join(root, name)
  writeFileSync(file, typeof content === 'string' ? content : new Uint8Array(content))
  for (const dataset of [lineByLine, custom]) {
    const createOwn = (settings: Partial<DatasetSettings> = {}, seed = 1) =>
      createContext({ path: file, args: { field: 'question' }, ...settings }, { seed })
    describe(`of ${name}`, () => describeDatasetContract({ dataset, createContext: createOwn, file }))
  }
}

const seeing: readonly string[] = ['random_vl', 'flickr8k', 'kontext_bench']
const ofImages = datasets.filter(({ name }) => seeing.includes(name))
// A trace has complete bodies, which are sent as they are.
const ofOneTurn = datasets.filter(
  ({ name, dataset }) =>
    !dataset.isMultiTurn && !dataset.hasArrivals && dataset.task === undefined && !seeing.includes(name),
)
const ofVectors = datasets.filter(({ dataset }) => dataset.task !== undefined)
const ofSeveralTurns = datasets.filter(({ dataset }) => dataset.isMultiTurn)

test.each(ofOneTurn)('$name leaves texts bare in plain mode', async ({ name, dataset }) => {
  const prompts = promptsOf(await take(dataset.open(contextOf(name, { chat: false })), 5))
  expect(prompts.map(prompt => prompt.kind)).toEqual(prompts.map(() => 'text'))
})

test.each(ofOneTurn)(
  '$name makes texts messages of the user in chat mode, a plain set apart',
  async ({ name, dataset }) => {
    for (const prompt of promptsOf(await take(dataset.open(contextOf(name)), 5))) {
      if (dataset.plainPrompts) expect(prompt.kind).toBe('text')
      else expect(prompt).toEqual({ kind: 'messages', messages: [{ role: 'user', content: expect.any(String) }] })
    }
  },
)

test.each(ofImages)('$name sends a text and then images in one message of the user', async ({ name, dataset }) => {
  const text = { type: 'text', text: expect.stringMatching(/\S/) }
  const image = { type: 'image_url', image_url: { url: expect.stringMatching(/^data:image\/\w+;base64,[\w+/]+=*$/) } }
  for (const prompt of promptsOf(await take(dataset.open(contextOf(name)), 5))) {
    expect(prompt).toEqual({ kind: 'messages', messages: [{ role: 'user', content: [text, image] }] })
  }
})

test.each(ofImages)('$name refuses to send what cannot carry an image', async ({ name, dataset }) => {
  const ask = (settings: Partial<DatasetSettings>) => take(dataset.open(contextOf(name, settings)), 1)
  await expect(ask({ chat: false })).rejects.toThrow(
    `--dataset ${name} sends images in chat messages; give a --url that takes them`,
  )
  await expect(ask({ tokenizePrompt: true })).rejects.toThrow(
    `--dataset ${name} sends images, which have no token ids; leave out --tokenize-prompt`,
  )
})

test.each(ofVectors)('$name never wraps its texts, whatever the URL', async ({ name, dataset }) => {
  const prompts = promptsOf(await take(dataset.open(contextOf(name, { chat: true })), 5))
  const kind = dataset.task === 'rerank' ? 'rerank' : name.endsWith('_batch') ? 'inputs' : 'text'
  expect(prompts.map(prompt => prompt.kind)).toEqual(prompts.map(() => kind))
  expect(promptsOf(await take(dataset.open(contextOf(name, { chat: false })), 5))).toEqual(prompts)
})

test.each(ofSeveralTurns)('$name has several turns and sends messages of no assistant', async ({ name, dataset }) => {
  const conversations = await take(dataset.open(contextOf(name)), 20)
  expect(conversations.some(conversation => conversation.turns.length > 1)).toBe(true)
  for (const prompt of promptsOf(conversations)) {
    if (prompt.kind !== 'messages') throw new Error(`a turn of ${name} is ${prompt.kind}`)
    expect(prompt.messages.map(message => message.role)).not.toContain('assistant')
  }
})

test.each(ofSeveralTurns)('$name keeps to --max-turns', async ({ name, dataset }) => {
  for (const { turns } of await take(dataset.open(contextOf(name, { maxTurns: 1 })), 20)) expect(turns).toHaveLength(1)
})

test('a built-in dataset is found by all of its names, and by no other', () => {
  const names = Object.keys(builtinDatasets)
  expect([...new Set(builtin)].flatMap(dataset => dataset.names)).toEqual(names)
  for (const [at, name] of names.entries()) expect(builtin[at]?.names).toContain(name)
  const some = ['openqa', 'line_by_line', 'custom', 'random', 'speed_benchmark', 'speed_benchmark_long']
  const talks = ['random_multi_turn', 'custom_multi_turn', 'share_gpt_zh_multi_turn', 'share_gpt_en_multi_turn']
  expect(names).toEqual(expect.arrayContaining([...some, ...talks]))
})

test('the questions that come with the package are many, different and in two languages', async () => {
  const prompts = promptsOf(await take(openqa.open(createContext({ chat: false }))))
  const texts = prompts.map(prompt => (prompt.kind === 'text' ? prompt.text : ''))
  const chinese = texts.filter(text => /\p{Script=Han}/u.test(text))
  expect(new Set(texts).size).toBe(texts.length)
  expect(texts.length).toBeGreaterThanOrEqual(220)
  expect(Math.abs(chinese.length / texts.length - 0.5)).toBeLessThan(0.05)
  expect(texts.filter(text => text.length > 250).length).toBeGreaterThanOrEqual(20)
  expect(openqa.sample).toBe('the questions are our own, from datasets/open_qa.jsonl of this package')
})
