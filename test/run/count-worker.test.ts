import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { type CountItem, countItem } from '../../src/run/count-item.ts'
import { CountingThread, CountWorker } from '../../src/run/count-worker.ts'
import { loadTokenizer } from '../../src/tokenizers/index.ts'
import { wordsTokenizerPath } from '../tokenizers/paths.ts'

const settings = { task: 'generate', patchPx: 28 } as const
const items: readonly CountItem[] = [
  { body: '{"messages":[{"role":"user","content":"hello world"}]}', withoutTemplate: true },
  { answer: { text: 'hello world', reasoning: 'hello' } },
  { body: '{"prompt":[1,2,3]}' },
]

test('a thread counts as we would, batch after batch, until it is ended', async () => {
  const tokenizer = await loadTokenizer(wordsTokenizerPath)
  const expected = items.map(item => countItem(item, settings, tokenizer))
  expect(expected.map(({ promptTokens, answerTokens }) => [promptTokens, answerTokens])).toEqual([
    [expect.any(Number), undefined],
    [undefined, 3],
    [3, undefined],
  ])
  const worker = new CountWorker({ ...settings, tokenizerPath: wordsTokenizerPath })
  const batches = await Promise.all([worker.count(items), worker.count(items.slice(1))])
  expect(batches).toEqual([expected, expected.slice(1)])
  const cut = worker.count(items)
  worker.end()
  expect(await cut).toBeUndefined()
  expect(await worker.count(items)).toBeUndefined()
  expect(worker.problem).toBeUndefined()
})

test('a thread that cannot load its tokenizer says why, and counts nothing', async () => {
  const worker = new CountWorker({ ...settings, tokenizerPath: tmpdir() })
  expect(await worker.count(items)).toBeUndefined()
  expect(worker.problem).toMatch(/holds no tokenizer.json/)
})

test('runs share a thread until it has ended; then there is another', async () => {
  const thread = new CountingThread({ ...settings, tokenizerPath: wordsTokenizerPath })
  const [first, second] = [thread.start(), thread.start()]
  expect(second).toBe(first)
  first.end()
  const third = thread.start()
  expect(third).not.toBe(first)
  expect(await third.count(items.slice(2))).toMatchObject([{ promptTokens: 3 }])
  thread.close()
  expect(await third.count(items)).toBeUndefined()
})
