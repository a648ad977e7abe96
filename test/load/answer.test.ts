import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openai } from '../../src/apis/openai.ts'
import { Answer } from '../../src/load/answer.ts'
import { BodyBytes } from '../../src/load/body-bytes.ts'
import { makeRecord } from '../../src/load/make-record.ts'
import type { RequestRecord } from '../../src/model/record.ts'

type Event = readonly [atSec: number, payload: unknown]

/** The record of a stream whose events arrive `atSec` after the request was sent; `reset` breaks the connection. */
const play = (events: readonly Event[], reset?: number): { record: RequestRecord; text: string } => {
  const sentMs = 1000
  const answer = new Answer(openai, true, true, new BodyBytes())
  answer.head(200, { 'content-type': 'text/event-stream; charset=utf-8' })
  for (const [seq, [atSec, payload]] of events.entries()) {
    const text = typeof payload === 'string' ? payload : JSON.stringify(payload)
    answer.read(Buffer.from(`data: ${text}\n\n`), sentMs + atSec * 1000, seq)
  }
  answer.end(reset === undefined ? undefined : Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }))
  const request = {
    index: 0,
    phase: 'measured',
    requestId: 'r',
    conversationId: 'c',
    turn: 1,
    isLastTurn: true,
  } as const
  const times = { sentMs, writtenMs: sentMs, endMs: sentMs + (reset ?? 9) * 1000, wasResent: false }
  const record = makeRecord(
    { ...request, body: '{}', asksStream: true, scheduledMs: sentMs, slotWaitMs: undefined },
    times,
    answer,
    'full',
  )
  return { record, text: answer.draft.text }
}

const role = { choices: [{ delta: { role: 'assistant' } }] }
const delta = (fields: object): object => ({ choices: [{ delta: fields, finish_reason: null }] })
const finish = { choices: [{ delta: {}, finish_reason: 'stop' }] }
const usage = (prompt: number, completion: number, cached?: number): object => ({
  choices: [],
  usage: {
    prompt_tokens: prompt,
    completion_tokens: completion,
    ...(cached !== undefined && { prompt_tokens_details: { cached_tokens: cached } }),
  },
})
const latencySec = (record: RequestRecord): number => (record.endUs - record.sentUs) / 1e6

test('K07a: a role chunk is the first chunk, the first text the TTFT', () => {
  const { record, text } = play([
    [0.1, role],
    [0.3, delta({ content: 'A' })],
    [0.4, delta({ content: 'B' })],
    [0.45, finish],
    [0.46, usage(5, 2)],
    [0.5, '[DONE]'],
  ])
  expect(record).toMatchObject({ firstChunkUs: 100_000, ttftUs: 300_000, inputTokens: 5, outputTokens: 2 })
  expect(record.gapsUs).toEqual([100_000])
  expect(latencySec(record)).toBe(0.46)
  expect(text).toBe('AB')
})

test('K07b: reasoning sets TTFT, the answer TTFAT', () => {
  const { record } = play([
    [0.2, delta({ reasoning_content: 'think' })],
    [0.3, delta({ content: 'ans' })],
    [0.31, usage(5, 4, 3)],
    [0.32, finish],
  ])
  expect(record).toMatchObject({ ttftUs: 200_000, ttfatUs: 300_000, cachedTokens: 3 })
})

test('a content of parts, as of Mistral’s models that think, is reasoning and answer', () => {
  const thought = (text: string): object =>
    delta({ content: [{ type: 'thinking', thinking: [{ type: 'text', text }] }] })
  const { record, text } = play([
    [0.1, delta({ role: 'assistant', content: '' })],
    [0.2, thought('hm')],
    [0.25, thought('')],
    [0.3, delta({ content: [{ type: 'text', text: 'A' }] })],
    [0.4, delta({ content: 'B' })],
    [0.4, finish],
  ])
  expect(record).toMatchObject({ ttftUs: 200_000, ttfatUs: 300_000, gapsUs: [100_000, 100_000] })
  expect(text).toBe('AB')
  expect(JSON.parse(record.responseJson ?? '')).toHaveLength(6)
})

test.each([
  // usage of an answer of two chunks → counts and where the output's is from
  [usage(0, 0), undefined, 2, 'chunks'],
  [usage(0, 2), undefined, 2, 'usage'],
  [usage(5, 0), 5, 2, 'chunks'],
])('a count of 0 for what was sent or came is no count: %j', (last, inputTokens, outputTokens, tokenSource) => {
  const { record } = play([
    [0.2, delta({ content: 'A' })],
    [0.3, delta({ content: 'B' })],
    [0.4, finish],
    [0.4, last],
  ])
  expect(record).toMatchObject({ failure: undefined, inputTokens, outputTokens, tokenSource })
})

test('0 tokens of an answer that is empty are a count', () => {
  const { record } = play([
    [0.2, role],
    [0.3, finish],
    [0.3, usage(5, 0)],
  ])
  expect(record).toMatchObject({ failure: { kind: 'empty' }, inputTokens: 5, outputTokens: 0 })
})

test('K07c: usage inside content chunks, the last one wins', () => {
  const { record } = play([
    [0.2, { ...delta({ content: 'A' }), usage: { prompt_tokens: 5, completion_tokens: 1 } }],
    [0.3, { ...delta({ content: 'B' }), usage: { prompt_tokens: 5, completion_tokens: 2 } }],
    [0.4, '[DONE]'],
  ])
  expect(record).toMatchObject({ inputTokens: 5, outputTokens: 2, tokenSource: 'usage' })
  expect(latencySec(record)).toBe(0.3)
})

test('K07d: text completions', () => {
  const { record, text } = play([
    [0.2, { object: 'text_completion', choices: [{ text: 'x' }] }],
    [0.25, { object: 'text_completion', choices: [{ text: 'y', finish_reason: 'length' }] }],
    [0.26, usage(1, 2)],
  ])
  expect(record).toMatchObject({ ttftUs: 200_000, gapsUs: [50_000], failure: undefined })
  expect(latencySec(record)).toBe(0.26)
  expect(text).toBe('xy')
})

test('K07e: only [DONE] is empty', () => {
  expect(play([[0.1, '[DONE]']]).record.failure?.kind).toBe('empty')
})

test('K07f: an error event is an in-band error with its message', () => {
  const { record } = play([
    [0.2, { error: { message: 'oom' } }],
    [0.21, '[DONE]'],
  ])
  expect(record.failure).toEqual({ kind: 'inband_error', message: 'oom' })
})

test('an error that is null, false or no text is none', () => {
  for (const error of [null, false, '']) {
    expect(
      play([
        [0.2, { ...delta({ content: 'A' }), error }],
        [0.3, finish],
      ]).record.failure,
    ).toBeUndefined()
  }
  expect(play([[0.2, { error: { message: '', code: 7 } }]]).record.failure?.message).toBe('{"message":"","code":7}')
})

test.each([
  // completion tokens of an answer without text → its failure, streamed or not
  [2, undefined],
  [0, 'empty'],
])('%i tokens of which nothing is shown: %s, streamed or in one piece', (tokens, kind) => {
  const streamed = play([
    [0.2, finish],
    [0.2, usage(5, tokens)],
  ])
  expect(streamed.record.failure?.kind).toBe(kind)
  const whole = new Answer(openai, false, true, new BodyBytes())
  whole.head(200, { 'content-type': 'application/json' })
  const choice = { message: { role: 'assistant', content: '' }, finish_reason: 'stop' }
  whole.read(Buffer.from(JSON.stringify({ ...usage(5, tokens), choices: [choice] })), 1200, 0)
  whole.end()
  expect(whole.failure?.kind).toBe(kind)
})

test('K07g: a reset after a chunk is truncated, what had arrived is kept', () => {
  const { record, text } = play([[0.2, delta({ content: 'part' })]], 0.5)
  expect(record.failure?.kind).toBe('truncated')
  expect(record).toMatchObject({ ttftUs: 200_000, chunkCount: 1, outputTokens: 1, tokenSource: 'chunks' })
  expect(latencySec(record)).toBe(0.5)
  expect(text).toBe('part')
})

test('a reset after the finish event does not undo an answer', () => {
  expect(
    play(
      [
        [0.2, delta({ content: 'A' })],
        [0.3, finish],
      ],
      0.4,
    ).record.failure,
  ).toBeUndefined()
})

test('a stamp beyond whole microseconds is rounded once, so gaps sum to last − first', () => {
  const events: Event[] = [0.1000004, 0.2000013, 0.3000022].map(at => [at, delta({ content: 'A' })])
  const { record } = play([...events, [0.4, finish]])
  expect(record.gapsUs.reduce((sum, gap) => sum + gap, 0)).toBe(300_002 - 100_000)
})

test('a plugin that throws fails its request, not the run', () => {
  const answer = new Answer({ ...openai, readChunk: () => JSON.parse('{') }, true, true, new BodyBytes())
  answer.head(200, { 'content-type': 'text/event-stream' })
  answer.read(Buffer.from('data: {}\n\n'), 1, 1)
  answer.end()
  expect(answer.failure?.kind).toBe('protocol')
})

/** Everything that occurs on real wires: comments, ids, CRLF, multi-byte text, reasoning, usage, no last blank line. */
const wire = Buffer.from(
  [
    ': ping\n\n',
    `id: 1\nevent: message\ndata: ${JSON.stringify(role)}\n\n`,
    `data: ${JSON.stringify(delta({ reasoning_content: '想\u2028想' }))}\r\n\r\n`,
    `data:${JSON.stringify(delta({ content: '你好🙂' }))}\n\n`,
    `data: {"choices":[{"delta":\ndata: {"content":"B"}}]}\n\n`,
    `data: ${JSON.stringify(finish)}\r\rdata: ${JSON.stringify(usage(5, 3, 2))}\n\n`,
    'data: [DONE]',
  ].join(''),
)

const recordOf = (pieces: readonly Buffer[]): { record: RequestRecord; text: string } => {
  const answer = new Answer(openai, true, true, new BodyBytes())
  answer.head(200, { 'content-type': 'text/event-stream' })
  for (const piece of pieces) answer.read(piece, 1000, 1)
  answer.end()
  const request = {
    index: 0,
    phase: 'measured',
    requestId: 'r',
    conversationId: 'c',
    turn: 1,
    isLastTurn: true,
  } as const
  const times = { sentMs: 900, writtenMs: 900, endMs: 1000, wasResent: false }
  const record = makeRecord(
    { ...request, body: '{}', asksStream: true, scheduledMs: 900, slotWaitMs: undefined },
    times,
    answer,
    'full',
  )
  return { record, text: answer.draft.reasoning + answer.draft.text }
}

test('the same record however a stream is cut into reads: whole, byte by byte, at random', () => {
  const whole = recordOf([wire])
  expect(whole.text).toBe('想\u2028想你好🙂B')
  expect(whole.record).toMatchObject({
    failure: undefined,
    chunkCount: 3,
    inputTokens: 5,
    outputTokens: 3,
    cachedTokens: 2,
  })
  expect(recordOf([...wire].map(byte => Buffer.of(byte)))).toEqual(whole)
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 1, max: wire.length - 1 }), { maxLength: 30 }), cuts => {
      const ends = [...cuts, wire.length].sort((a, b) => a - b)
      expect(recordOf(ends.map((end, i) => wire.subarray(ends[i - 1] ?? 0, end)))).toEqual(whole)
    }),
  )
})
