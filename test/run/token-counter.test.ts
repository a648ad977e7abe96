import { tmpdir } from 'node:os'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { JsonValue } from '../../src/model/json.ts'
import type { AnswerText, RequestRecord } from '../../src/model/record.ts'
import type { Task } from '../../src/model/run-plan.ts'
import type { TokenFindings } from '../../src/model/token-findings.ts'
import { Backlog } from '../../src/run/backlog.ts'
import type { Counting } from '../../src/run/count-worker.ts'
import { TokenCounter } from '../../src/run/token-counter.ts'
import type { Tokenizer } from '../../src/tokenizers/tokenizer.ts'
import { failed, streamed } from '../stats/records.ts'
import { countHere } from './counting.ts'
import { wordTokenizer } from './word-tokenizer.ts'

const body = JSON.stringify({ messages: [{ role: 'user', content: 'one two three' }] })
/** Of three words in the answer and two of reasoning. */
const said: AnswerText = { text: 'a b c', reasoning: 'd e' }

/** A stream of two chunks without usage; `fields` say what the server counted. */
const recordOf = (fields: Partial<RequestRecord> = {}): RequestRecord =>
  streamed(
    { start: 0, end: 1, ttft: 0.3, gaps: [0.1] },
    { body, outputTokens: 2, tokenSource: 'chunks', responseJson: '[]', ...fields },
  )
const byUsage = { inputTokens: 5, outputTokens: 5, tokenSource: 'usage' } as const

interface Setup {
  readonly task?: Task
  readonly answer?: AnswerText
  /** Undefined without a tokenizer. */
  readonly startCounting?: (() => Counting) | undefined
  readonly comparesUsage?: boolean
  readonly stop?: AbortSignal
}

const count = async (records: readonly RequestRecord[], setup: Setup = {}) => {
  const { task = 'generate', answer = said, comparesUsage = true, stop = new AbortController().signal } = setup
  const startCounting = 'startCounting' in setup ? setup.startCounting : () => countHere(task)
  const [passed, updates, progress]: [RequestRecord[], unknown[], string[]] = [[], [], []]
  const next = { write: (record: RequestRecord) => passed.push(record), close: () => undefined }
  const counter = new TokenCounter({ task, seed: 1, directory: tmpdir(), startCounting, next })
  for (const record of records) counter.write(record, answer)
  const [passedAtOnce, waiting] = [passed.length, counter.waiting]
  const findings = await counter.countAll({
    receiver: { updateTokens: ({ index, turn }, counts) => updates.push([index, turn, counts]) },
    comparesUsage,
    stop,
    onProgress: (done, all) => progress.push(`${done}/${all}`),
  })
  return { passed, passedAtOnce, waiting, updates, progress, findings: findings as TokenFindings }
}

test('usage is believed: the record passes at once', async () => {
  const record = recordOf(byUsage)
  const { passed, passedAtOnce, updates } = await count([record])
  expect([passedAtOnce, updates]).toEqual([1, []])
  expect(passed).toEqual([record])
})

test.each<[string, RequestRecord, string | undefined]>([
  ['of a request that lacks a count', recordOf(), 'prompt_tokens "12"'],
  ['not of one that has them all after all', recordOf(byUsage), undefined],
  ['not of one that failed', failed('timeout_idle', { start: 0, end: 1 }), undefined],
])('what usage had in place of a count is kept, without a tokenizer too: %s', (_, record, odd) => {
  const next = { write: () => undefined, close: () => undefined }
  const counter = new TokenCounter({ task: 'generate', seed: 1, directory: tmpdir(), startCounting: undefined, next })
  counter.write(record, { ...said, oddUsage: 'prompt_tokens "12"' })
  expect(counter.oddUsage).toBe(odd)
})

test('without usage the tokenizer counts prompt, answer and reasoning after the run', async () => {
  const { passed, passedAtOnce, waiting, updates, progress } = await count([recordOf(), recordOf({ index: 1 })])
  const counts = { inputTokens: 5, outputTokens: 5, tokenSource: 'tokenizer' }
  expect([passedAtOnce, waiting]).toEqual([0, 2])
  expect(passed).toEqual([0, 1].map(index => ({ ...recordOf({ index }), ...counts, responseJson: undefined })))
  expect(updates).toEqual([0, 1].map(index => [index, 1, counts]))
  expect(progress).toEqual(['0/4', '2/4', '4/4'])
})

test('tool calls are output, too: name and arguments, be they text or not', async () => {
  const call = (given: JsonValue) => ({ type: 'function', function: { name: 'f', arguments: given } })
  const answer = { text: 'a', reasoning: '', toolCalls: [call('{"x": 1}'), call({ x: 1 })] }
  const { passed } = await count([recordOf()], { answer })
  // {"name": "f", "arguments": {"x": 1}} are five words, {"name": "f", "arguments": {"x":1}} four.
  expect(passed[0]).toMatchObject({ outputTokens: 10, tokenSource: 'tokenizer' })
})

test('each of several answers to a request is counted by itself', async () => {
  const others = [
    { text: 'f', reasoning: '' },
    { text: 'g h', reasoning: 'i', toolCalls: [{ function: { name: 'j', arguments: '1' } }] },
  ]
  const { passed } = await count([recordOf()], { answer: { ...said, others } })
  // A call is four words.
  expect(passed[0]).toMatchObject({ outputTokens: 5 + 1 + 3 + 4, tokenSource: 'tokenizer' })
})

test('usage without prompt tokens has only those counted, and that is told', async () => {
  const { passed, findings } = await count([recordOf({ ...byUsage, inputTokens: undefined, outputTokens: 9 })])
  expect(passed[0]).toMatchObject({ inputTokens: 5, outputTokens: 9, tokenSource: 'usage' })
  expect(findings).toMatchObject({ countedPrompts: 1, partialPrompts: 0, uncounted: undefined })
})

test('images in a prompt are tokens by their size, others are missing, and both is told', async () => {
  const gif = Buffer.concat([Buffer.from('GIF89a'), Buffer.from('03000200 0000 00', 'hex')]).toString('base64')
  const recordWith = (...urls: readonly string[]) => {
    const images = urls.map(url => ({ type: 'image_url', image_url: { url } }))
    const messages = [{ role: 'user', content: [{ type: 'text', text: 'one' }, ...images] }]
    return recordOf({ body: JSON.stringify({ messages }) })
  }
  const [here, elsewhere] = [`data:image/gif;base64,${gif}`, 'http://x/y.png']
  const { passed, findings } = await count([recordWith(here, here), recordWith(elsewhere, here)])
  // Each square of a pixel is one, here.
  expect(passed.map(({ inputTokens }) => inputTokens)).toEqual([3 + 2 * 6, 3 + 6])
  expect(findings).toMatchObject({ estimatedPrompts: 2, partialPrompts: 1 })
})

test('warm-up requests and failures pass at once', async () => {
  const { passedAtOnce } = await count([recordOf({ phase: 'warmup' }), failed('empty', { start: 0, end: 1 })])
  expect(passedAtOnce).toBe(2)
})

test('without a tokenizer the chunks stay the count', async () => {
  const { passed, findings } = await count([recordOf()], { startCounting: undefined })
  expect(passed[0]).toMatchObject({ inputTokens: undefined, outputTokens: 2, tokenSource: 'chunks' })
  expect(findings).toBeUndefined()
})

test('output whose text is not known keeps the count of its chunks', async () => {
  const { passed } = await count([recordOf()], { answer: { text: '', reasoning: '' } })
  expect(passed[0]).toMatchObject({ inputTokens: 5, outputTokens: 2, tokenSource: 'chunks' })
})

describe('what cannot be counted goes on as it is, with the reason told', () => {
  afterEach(() => void vi.restoreAllMocks())

  const uncounted = { outputTokens: 2, tokenSource: 'chunks' }

  test('a prompt that the template refuses; its answer is counted', async () => {
    const refusing: Tokenizer = {
      ...wordTokenizer,
      encodeChat: () => {
        throw new Error('roles must alternate')
      },
    }
    const { passed, findings } = await count([recordOf()], { startCounting: () => countHere('generate', refusing) })
    expect(passed[0]).toMatchObject({ inputTokens: undefined, outputTokens: 5, tokenSource: 'tokenizer' })
    expect(findings.uncounted).toEqual({ requests: 1, reason: 'roles must alternate' })
  })

  test('all, where a signal ends the counting', async () => {
    const { passed, updates, findings } = await count([recordOf()], { stop: AbortSignal.abort() })
    expect([passed[0], updates]).toMatchObject([uncounted, []])
    expect(findings).toMatchObject({ uncounted: { requests: 1, reason: 'counting was ended' }, template: undefined })
  })

  test('all, where the disk takes no more: these lack a count though they do not wait', () => {
    vi.spyOn(Backlog.prototype, 'add').mockReturnValue(false)
    const next = { write: vi.fn(), close: () => undefined }
    const parts = { task: 'generate', seed: 1, directory: tmpdir(), startCounting: countHere, next } as const
    const counter = new TokenCounter(parts)
    counter.write(recordOf(), said)
    expect([counter.waiting, counter.lacking, next.write.mock.calls.length]).toEqual([0, 1, 1])
  })

  test('all, where the thread ends by itself', async () => {
    const startCounting = () => countHere('generate', wordTokenizer, 0)
    const { passed, findings } = await count([recordOf()], { startCounting })
    expect(passed[0]).toMatchObject(uncounted)
    expect(findings.uncounted).toEqual({ requests: 1, reason: 'its thread left' })
  })

  test('a comparison is left out', async () => {
    const startCounting = () => countHere('generate', wordTokenizer, 0)
    const { findings } = await count([recordOf(byUsage)], { startCounting })
    expect(findings).toMatchObject({ input: undefined, uncounted: { requests: 0, reason: 'its thread left' } })
  })
})

describe('the server is checked against the tokenizer', () => {
  const comparisonOf = async (fields: Partial<RequestRecord>, answer?: AnswerText) =>
    (await count([recordOf({ ...byUsage, ...fields })], answer && { answer })).findings

  test('prompts with the chat template, answers, and what the template adds', async () => {
    const others = { requestId: 'r1', inputTokens: 25, outputTokens: 6 }
    const { findings, progress } = await count([recordOf(byUsage), recordOf({ ...byUsage, ...others, index: 1 })])
    expect(findings).toMatchObject({
      input: { requests: 2, meanUsage: 15, meanTokenizer: 5, differencePercent: 200 },
      output: { requests: 2, meanUsage: 5.5, meanTokenizer: 5, differencePercent: 10 },
      template: { requests: 2, meanPromptTokens: 5, meanTextTokens: 3 },
      uncounted: undefined,
    })
    expect(findings.input?.worst).toEqual({ requestId: 'r1', usage: 25, tokenizer: 5 })
    expect(progress).toEqual(['0/2', '2/2'])
  })

  test('unless that is not asked for: then no thread is started', async () => {
    const startCounting = () => {
      throw new Error('started')
    }
    expect((await count([recordOf(byUsage)], { comparesUsage: false, startCounting })).findings).toBeUndefined()
  })

  test('and it is told where the template refuses what the server took', async () => {
    const encodeChat = () => {
      throw new Error('roles must alternate')
    }
    const startCounting = () => countHere('generate', { ...wordTokenizer, encodeChat })
    const records = [recordOf(byUsage), recordOf({ ...byUsage, index: 1 }), recordOf({ index: 2 })]
    const { findings } = await count(records, { startCounting })
    expect(findings).toMatchObject({
      input: undefined,
      output: { requests: 2 },
      unchecked: { requests: 2, reason: 'roles must alternate' },
      uncounted: { requests: 1 },
    })
  })

  test('only where both count: a prompt alone, an answer alone', async () => {
    const promptOnly = await comparisonOf({ outputTokens: 2, tokenSource: 'chunks' })
    expect([promptOnly.input?.requests, promptOnly.output]).toEqual([1, undefined])
    const answerOnly = await comparisonOf({ inputTokens: undefined })
    expect([answerOnly.input, answerOnly.output?.requests]).toEqual([undefined, 1])
  })

  test.each<[string, Partial<RequestRecord>, AnswerText]>([
    ['tool calls, which a model writes in its own way', {}, { ...said, toolCalls: [{ function: { name: 'f' } }] }],
    ['reasoning that is counted but not shown', { reasoningTokens: 3 }, { text: 'a b', reasoning: '' }],
    ['several answers at once', { body: JSON.stringify({ n: 2, prompt: 'one' }) }, said],
    [
      'tool calls in another answer',
      {},
      { ...said, others: [{ text: '', reasoning: '', toolCalls: [{ function: { name: 'f' } }] }] },
    ],
    ['several answers at once of DashScope', { body: '{"parameters": {"n": 10}, "input": {"prompt": "one"}}' }, said],
  ])('not answers with %s', async (_, fields, answer) => {
    const { input, output } = await comparisonOf(fields, answer)
    expect([input?.requests, output]).toEqual([1, undefined])
  })

  test('not several answers to a prompt that is left out itself', async () => {
    const images = [{ image_url: `data:image/png;base64,${'A'.repeat(100)}` }]
    const sent = JSON.stringify({ messages: [{ role: 'user', content: images }], n: 2 })
    expect(await comparisonOf({ body: sent })).toMatchObject({ input: undefined, output: undefined })
  })

  test('several answers, where all are known', async () => {
    const sent = JSON.stringify({ prompt: 'say "n": 2', n: 2 })
    const { output } = await comparisonOf({ body: sent, outputTokens: 7 }, { ...said, others: [said] })
    expect(output).toMatchObject({ requests: 1, meanUsage: 7, meanTokenizer: 10 })
    const alone = await comparisonOf({ body: JSON.stringify({ prompt: 'say "n": 2' }) })
    expect(alone.output?.requests).toBe(1)
  })

  test.each<[string, object]>([
    ['tools', { tools: [{}], messages: [{ role: 'user', content: 'one' }] }],
    ['images as data', { messages: [{ role: 'user', content: [{ image_url: 'data:image/png;base64,AA==' }] }] }],
  ])('not prompts with %s, of which the tokenizer counts nothing', async (_, sent) => {
    const { input, output } = await comparisonOf({ body: JSON.stringify(sent) })
    expect([input, output?.requests]).toEqual([undefined, 1])
  })
})

describe('answers without tokens', () => {
  const embedded = (fields: Partial<RequestRecord>) =>
    streamed({ start: 0, end: 1 }, { isStream: false, body: '{"input":["one two three","four"]}', ...fields })

  test('pass at once where the server counted the prompt, which is checked', async () => {
    const record = embedded({ inputTokens: 6, tokenSource: 'usage' })
    const { passed, passedAtOnce, findings } = await count([record], { task: 'embed' })
    expect([passed, passedAtOnce]).toEqual([[record], 1])
    expect(findings).toMatchObject({
      input: { meanUsage: 6, meanTokenizer: 8 },
      output: undefined,
      template: undefined,
    })
  })

  test('have their prompt counted after the run, and no output', async () => {
    const { passed, passedAtOnce, updates } = await count([embedded({})], { task: 'embed' })
    const counts = { inputTokens: 8, outputTokens: undefined, tokenSource: 'tokenizer' }
    expect(passedAtOnce).toBe(0)
    expect(passed).toEqual([embedded(counts as Partial<RequestRecord>)])
    expect(updates).toEqual([[0, 1, counts]])
  })

  test('have no count where the body has no prompt that we know', async () => {
    const { passed } = await count([embedded({ body: '{"q":"one"}' })], { task: 'embed' })
    expect(passed[0]).toMatchObject({ inputTokens: undefined, tokenSource: undefined })
  })
})
