import { describe, expect, test } from 'vitest'
import { anthropic } from '../../src/apis/anthropic.ts'
import { emptyDraft } from '../../src/apis/api.ts'
import type { JsonObject } from '../../src/model/json.ts'
import { recordAt } from '../support/stamped.ts'
import { recordOf, streamed, timeless, whole } from '../support/transcript.ts'

/** Events as the protocol names them, in the `event` line and in the payload. */
const event = (type: string, payload: object = {}): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...payload })}\n\n`
const start = (usage: object): string =>
  event('message_start', { message: { id: 'msg_1', type: 'message', role: 'assistant', content: [], usage } })
const block = (index: number, content: object): string =>
  event('content_block_start', { index, content_block: content })
const delta = (index: number, fields: object): string => event('content_block_delta', { index, delta: fields })
const text = (words: string, index = 0): string => delta(index, { type: 'text_delta', text: words })
const stop = (index: number): string => event('content_block_stop', { index })
const end = (usage: object, reason = 'end_turn'): string =>
  event('message_delta', { delta: { stop_reason: reason, stop_sequence: null }, usage })
const last = event('message_stop')
const error = event('error', { error: { type: 'overloaded_error', message: 'Overloaded' } })

const record = (pieces: readonly string[]) => recordOf(anthropic, streamed('text/event-stream', pieces))

test('exact stamps: the message that begins is the first chunk, thinking the TTFT, text the TTFAT', () => {
  const { record, draft } = recordAt(anthropic, [
    [0.1, { type: 'message_start', message: { role: 'assistant', usage: { input_tokens: 5, output_tokens: 1 } } }],
    [0.15, { type: 'ping' }],
    [0.2, { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'T' } }],
    [0.25, { type: 'content_block_delta', index: 0, delta: { type: 'signature_delta', signature: 's' } }],
    [0.3, { type: 'content_block_delta', index: 1, delta: { type: 'text_delta', text: 'A' } }],
    [0.4, { type: 'content_block_delta', index: 1, delta: { type: 'text_delta', text: 'B' } }],
    [0.45, { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 4 } }],
    [0.46, { type: 'message_stop' }],
  ])
  expect(record).toMatchObject({
    failure: undefined,
    firstChunkUs: 100_000,
    ttftUs: 200_000,
    ttfatUs: 300_000,
    gapsUs: [100_000, 100_000],
    inputTokens: 5,
    outputTokens: 4,
    cachedTokens: undefined,
    tokenSource: 'usage',
  })
  expect(record.endUs - record.sentUs).toBe(460_000)
  expect([draft.reasoning, draft.text]).toEqual(['T', 'AB'])
})

describe('streams', () => {
  test('a whole transcript with thinking, text and a call', async () => {
    const pieces = [
      start({ input_tokens: 3, cache_creation_input_tokens: 10, cache_read_input_tokens: 100, output_tokens: 1 }),
      block(0, { type: 'thinking', thinking: '', signature: '' }),
      event('ping'),
      delta(0, { type: 'thinking_delta', thinking: 'think' }),
      delta(0, { type: 'signature_delta', signature: 'abc' }),
      stop(0),
      block(1, { type: 'text', text: '' }),
      text('A', 1),
      text('', 1),
      stop(1),
      block(2, { type: 'tool_use', id: 't1', name: 'f', input: {} }),
      delta(2, { type: 'input_json_delta', partial_json: '' }),
      delta(2, { type: 'input_json_delta', partial_json: '{"a":1}' }),
      stop(2),
      end({ output_tokens: 42 }, 'tool_use'),
      last,
    ]
    expect(timeless(await record(pieces))).toEqual({
      isStream: true,
      chunkCount: 4,
      hasFirstToken: true,
      eventsPerReadMax: 1,
      inputTokens: 113,
      outputTokens: 42,
      cachedTokens: 100,
      reasoningTokens: undefined,
      tokenSource: 'usage',
      statusCode: 200,
      failure: undefined,
      events: pieces.map(piece => JSON.parse(piece.slice(piece.indexOf('data: ') + 6))),
    })
  })

  test.each<[started: JsonObject, ended: JsonObject, input: number | undefined, cached: number | undefined]>([
    // usage of message_start, of message_delta                                        prompt tokens, cached ones
    [{ input_tokens: 5 }, { output_tokens: 1 }, 5, undefined],
    [{ input_tokens: 5, cache_read_input_tokens: 0 }, { output_tokens: 1 }, 5, 0],
    [
      { input_tokens: 5, cache_read_input_tokens: 10 },
      { input_tokens: 5, cache_read_input_tokens: 10, output_tokens: 1 },
      15,
      10,
    ],
    // Counts are cumulative: leaving out the cache takes nothing away.
    [{ input_tokens: 5, cache_read_input_tokens: 10 }, { input_tokens: 5, output_tokens: 1 }, 15, 10],
    // vLLM may know the prompt's length at the end only.
    [{ input_tokens: 0 }, { input_tokens: 7, output_tokens: 1 }, 7, undefined],
    [{}, { output_tokens: 1 }, undefined, undefined],
  ])('usage %j, then %j', (started, ended, input, cached) => {
    const draft = emptyDraft()
    anthropic.readChunk({ type: 'message_start', message: { usage: started } }, draft)
    anthropic.readChunk({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: ended }, draft)
    expect([draft.inputTokens, draft.cachedTokens, draft.outputTokens]).toEqual([input, cached, 1])
  })

  test('an answer at its limit is a success', async () => {
    const pieces = [start({ input_tokens: 5 }), text('A'), end({ output_tokens: 1 }, 'max_tokens'), last]
    expect(await record(pieces)).toMatchObject({ failure: undefined, chunkCount: 1, outputTokens: 1 })
  })

  test('tokens of which nothing is shown make the end the output', async () => {
    const pieces = [start({ input_tokens: 5 }), end({ output_tokens: 3 }, 'stop_sequence'), last]
    expect(await record(pieces)).toMatchObject({ failure: undefined, chunkCount: 1, outputTokens: 3 })
  })

  test('an error midway is an in-band error; the tokens announced at the start are no count of the answer', async () => {
    const { failure, chunkCount, outputTokens, tokenSource } = await record([
      start({ input_tokens: 5, output_tokens: 20 }),
      text('A'),
      text('B'),
      error,
    ])
    expect(failure).toEqual({ kind: 'inband_error', message: 'Overloaded' })
    expect([chunkCount, outputTokens, tokenSource]).toEqual([2, 2, 'chunks'])
  })

  test('a stream that ends before its stop reason is truncated, one with nothing at all empty', async () => {
    expect((await record([start({ input_tokens: 5 }), text('A')])).failure?.kind).toBe('truncated')
    expect((await record([start({ input_tokens: 5 })])).failure?.kind).toBe('truncated')
    expect((await record([event('ping')])).failure?.kind).toBe('empty')
    expect((await record([start({}), last])).failure?.kind).toBe('empty')
  })
})

describe('tool use', () => {
  const read = (events: readonly JsonObject[]) => {
    const draft = emptyDraft()
    const contents = events.map(each => anthropic.readChunk(each, draft))
    return { contents, toolCalls: draft.toolCalls }
  }
  const begin = (index: number, id: string, input: JsonObject = {}): JsonObject => ({
    type: 'content_block_start',
    index,
    content_block: { type: 'tool_use', id, name: 'f', input },
  })
  const piece = (index: number, json: string): JsonObject => ({
    type: 'content_block_delta',
    index,
    delta: { type: 'input_json_delta', partial_json: json },
  })
  const ended = (index: number): JsonObject => ({ type: 'content_block_stop', index })
  const kept = (id: string, json: string): object => ({
    id,
    type: 'function',
    function: { name: 'f', arguments: json },
  })

  test('pieces become the call that the next request repeats', () => {
    expect(read([begin(1, 't1'), piece(1, ''), piece(1, '{"a"'), piece(1, ':1}'), ended(1)])).toEqual({
      contents: ['answer', 'choice', 'answer', 'answer', 'choice'],
      toolCalls: [kept('t1', '{"a":1}')],
    })
  })

  test('calls without input, with their input at once, or without an end are calls all the same', () => {
    const stopped = { type: 'message_stop' }
    expect(
      read([begin(0, 't1'), ended(0), begin(1, 't2', { a: 1 }), ended(1), begin(2, 't3'), stopped]).toolCalls,
    ).toEqual([kept('t1', '{}'), kept('t2', '{"a":1}'), kept('t3', '{}')])
  })

  test('pieces without an index belong to the call that began last', () => {
    const unnumbered = (event: JsonObject): JsonObject => {
      const { index: _, ...rest } = event
      return rest
    }
    const events = [begin(0, 't1'), piece(0, '{"a":1}'), begin(0, 't2'), piece(0, '{"b":2}'), { type: 'message_stop' }]
    expect(read(events.map(unnumbered)).toolCalls).toEqual([kept('t1', '{"a":1}'), kept('t2', '{"b":2}')])
  })

  test('tools of the server are output, and nobody repeats them', () => {
    const server = {
      ...begin(1, 's'),
      content_block: { type: 'server_tool_use', id: 's', name: 'web_search', input: {} },
    }
    expect(read([begin(0, 't1'), ended(0), server, piece(1, '{"q":1}'), ended(1)])).toEqual({
      contents: ['answer', 'choice', 'answer', 'answer', 'choice'],
      toolCalls: [kept('t1', '{}')],
    })
  })

  test('a next turn repeats them as the protocol has them', () => {
    const { toolCalls } = read([begin(0, 't1'), piece(0, '{"a":1}'), ended(0)])
    const settings = { chosen: {}, defaults: {}, extraArgs: {}, queryTemplate: undefined }
    const history = [{ role: 'assistant', content: null, tool_calls: toolCalls }]
    expect(anthropic.buildRequest({ prompt: { kind: 'messages', messages: [] } }, history, settings)).toEqual({
      messages: [{ role: 'assistant', content: [{ type: 'tool_use', id: 't1', name: 'f', input: { a: 1 } }] }],
    })
  })
})

describe('answers in one piece', () => {
  const ask = (status: string, body: unknown) => recordOf(anthropic, whole(status, body), false)
  const usage = { input_tokens: 3, cache_creation_input_tokens: 0, cache_read_input_tokens: 2, output_tokens: 4 }
  const messageOf = (...content: readonly object[]): object => ({
    type: 'message',
    role: 'assistant',
    content,
    stop_reason: 'end_turn',
    usage,
  })

  test('hold text, thinking and counts', async () => {
    const body = messageOf({ type: 'thinking', thinking: 'T', signature: 's' }, { type: 'text', text: 'AB' })
    expect(timeless(await ask('200 OK', body))).toMatchObject({
      isStream: false,
      hasFirstToken: false,
      inputTokens: 5,
      outputTokens: 4,
      cachedTokens: 2,
      failure: undefined,
    })
  })

  test('thinking alone, shown or not, is output', async () => {
    expect((await ask('200 OK', messageOf({ type: 'thinking', thinking: 'T' }))).failure).toBeUndefined()
    expect((await ask('200 OK', messageOf({ type: 'redacted_thinking', data: 'x' }))).failure).toBeUndefined()
  })

  test('tokens of which nothing is shown are output, as in a stream', async () => {
    expect(await ask('200 OK', messageOf())).toMatchObject({ failure: undefined, chunkCount: 1, outputTokens: 4 })
  })

  const errorOf = (type: string, message: string): object => ({ type: 'error', error: { type, message } })
  test.each([
    // status line, body                                                    kind, message
    ['200 OK', errorOf('api_error', 'oom'), 'inband_error', 'oom'],
    ['200 OK', { ...messageOf(), usage: undefined }, 'empty', 'the answer ended without any output'],
    [
      '400 Bad Request',
      errorOf('invalid_request_error', 'max_tokens: Field required'),
      'http_4xx',
      'HTTP 400: max_tokens: Field required',
    ],
    ['401 No', errorOf('authentication_error', 'invalid x-api-key'), 'http_4xx', 'HTTP 401: invalid x-api-key'],
    ['429 Too Many', errorOf('rate_limit_error', 'slow down'), 'http_429', 'HTTP 429: slow down'],
    ['529 Overloaded', errorOf('overloaded_error', 'Overloaded'), 'http_5xx', 'HTTP 529: Overloaded'],
  ])('%s with %j is %s', async (status, body, kind, words) => {
    expect((await ask(status, body)).failure).toEqual({ kind, message: words })
  })
})
