import { describe, expect, test } from 'vitest'
import { emptyDraft } from '../../src/apis/api.ts'
import { openaiResponses } from '../../src/apis/openai-responses.ts'
import type { JsonObject } from '../../src/model/json.ts'
import { recordAt } from '../support/stamped.ts'
import { recordOf, streamed, timeless, whole } from '../support/transcript.ts'

/** Events as the protocol names them, in the `event` line and in the payload. */
const event = (type: string, payload: object = {}): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...payload })}\n\n`
const delta = (kind: string, text: string, index = 0): string =>
  event(`response.${kind}.delta`, { output_index: index, delta: text })
const responseOf = (change: object): object => ({
  id: 'resp_1',
  object: 'response',
  error: null,
  output: [],
  ...change,
})
const begun = { response: responseOf({ status: 'in_progress' }) }
const opening = [event('response.created', begun), event('response.in_progress', begun)]
const usage = {
  input_tokens: 5,
  output_tokens: 4,
  input_tokens_details: { cached_tokens: 3 },
  output_tokens_details: { reasoning_tokens: 2 },
}
const message = (text: string): object => ({
  type: 'message',
  role: 'assistant',
  content: [{ type: 'output_text', text, annotations: [] }],
})
const completed = (output: readonly object[]): string =>
  event('response.completed', { response: responseOf({ status: 'completed', output, usage }) })

const record = (pieces: readonly string[]) => recordOf(openaiResponses, streamed('text/event-stream', pieces))

test('K07h: the first delta is the TTFT, the last event the end', () => {
  const { record, draft } = recordAt(openaiResponses, [
    [0.1, { type: 'response.created', response: responseOf({ status: 'in_progress' }) }],
    [0.2, { type: 'response.output_text.delta', delta: 'A' }],
    [0.3, { type: 'response.output_text.delta', delta: 'B' }],
    [
      0.4,
      {
        type: 'response.completed',
        response: responseOf({
          status: 'completed',
          usage: { input_tokens: 5, output_tokens: 2, input_tokens_details: { cached_tokens: 4 } },
        }),
      },
    ],
  ])
  expect(record).toMatchObject({
    failure: undefined,
    firstChunkUs: 200_000,
    ttftUs: 200_000,
    ttfatUs: 200_000,
    gapsUs: [100_000],
    inputTokens: 5,
    outputTokens: 2,
    cachedTokens: 4,
    tokenSource: 'usage',
  })
  expect(record.endUs - record.sentUs).toBe(400_000)
  expect(draft.text).toBe('AB')
})

test('an output item that begins is the first chunk, no token', () => {
  const { record } = recordAt(openaiResponses, [
    [0.1, { type: 'response.created', response: {} }],
    [0.2, { type: 'response.output_item.added', output_index: 0, item: { type: 'message', content: [] } }],
    [0.25, { type: 'response.content_part.added', output_index: 0, part: { type: 'output_text', text: '' } }],
    [0.3, { type: 'response.output_text.delta', output_index: 0, delta: 'A' }],
    [0.4, { type: 'response.completed', response: responseOf({ status: 'completed' }) }],
  ])
  expect(record).toMatchObject({ firstChunkUs: 200_000, ttftUs: 300_000, gapsUs: [], chunkCount: 1 })
})

describe('streams', () => {
  test('a whole transcript with reasoning, an answer and a refusal', async () => {
    const pieces = [
      ...opening,
      event('response.output_item.added', { output_index: 0, item: { type: 'reasoning', summary: [] } }),
      delta('reasoning_summary_text', 'think'),
      delta('reasoning_text', 'ing'),
      event('response.output_item.done', { output_index: 0, item: { type: 'reasoning' } }),
      event('response.output_item.added', { output_index: 1, item: { type: 'message', content: [] } }),
      event('response.content_part.added', { output_index: 1, part: { type: 'output_text', text: '' } }),
      delta('output_text', 'A', 1),
      delta('output_text', '', 1),
      delta('refusal', 'no', 1),
      event('response.output_text.done', { output_index: 1, text: 'A' }),
      completed([message('A')]),
    ]
    expect(timeless(await record(pieces))).toEqual({
      isStream: true,
      chunkCount: 4,
      hasFirstToken: true,
      eventsPerReadMax: 1,
      inputTokens: 5,
      outputTokens: 4,
      cachedTokens: 3,
      reasoningTokens: 2,
      tokenSource: 'usage',
      statusCode: 200,
      failure: undefined,
      events: pieces.map(piece => JSON.parse(piece.slice(piece.indexOf('data: ') + 6))),
    })
  })

  test('TTFAT is the first answer after the reasoning', () => {
    const { record, draft } = recordAt(openaiResponses, [
      [0.1, { type: 'response.reasoning_text.delta', delta: 'T' }],
      [0.3, { type: 'response.output_text.delta', delta: 'A' }],
      [0.4, { type: 'response.completed', response: responseOf({ status: 'completed', output: [message('A')] }) }],
    ])
    expect(record).toMatchObject({ ttftUs: 100_000, ttfatUs: 300_000, gapsUs: [200_000] })
    expect([draft.reasoning, draft.text]).toEqual(['T', 'A'])
  })

  test('an answer of which no delta came stands in the last event', () => {
    const { record, draft } = recordAt(openaiResponses, [
      [0.1, { type: 'response.created', response: {} }],
      [0.4, { type: 'response.completed', response: responseOf({ status: 'completed', output: [message('AB')] }) }],
    ])
    expect(record).toMatchObject({ failure: undefined, ttftUs: 400_000, chunkCount: 1 })
    expect(draft.text).toBe('AB')
  })

  test('an answer at its limit is a success', async () => {
    const pieces = [
      ...opening,
      delta('output_text', 'A'),
      event('response.incomplete', {
        response: responseOf({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' }, usage }),
      }),
    ]
    expect(await record(pieces)).toMatchObject({ failure: undefined, chunkCount: 1, outputTokens: 4 })
  })

  test('tokens of which nothing is shown make the last event the output', async () => {
    expect(await record([...opening, completed([{ type: 'reasoning', summary: [] }])])).toMatchObject({
      failure: undefined,
      chunkCount: 1,
      outputTokens: 4,
    })
  })

  test.each([
    [
      event('response.failed', { response: responseOf({ status: 'failed', error: { code: 'x', message: 'oom' } }) }),
      'oom',
    ],
    [event('response.failed', { response: responseOf({ status: 'failed' }) }), 'the response was ended as failed'],
    [event('response.failed'), 'the response was ended as failed'],
    [event('error', { code: 'server_error', message: 'oom', param: null }), 'oom'],
    [event('error', { error: { type: 'server_error', message: 'oom' } }), 'oom'],
    ['data: {"error":{"message":"oom"}}\n\n', 'oom'],
  ])('midway %j is an in-band error, and what had come is kept', async (failure, words) => {
    const {
      failure: told,
      chunkCount,
      outputTokens,
      tokenSource,
    } = await record([...opening, delta('output_text', 'A'), failure])
    expect(told).toEqual({ kind: 'inband_error', message: words })
    expect([chunkCount, outputTokens, tokenSource]).toEqual([1, 1, 'chunks'])
  })

  test('a stream that ends without its last event is truncated, or empty', async () => {
    expect((await record([...opening, delta('output_text', 'A')])).failure?.kind).toBe('truncated')
    expect((await record(opening)).failure?.kind).toBe('empty')
  })

  test('what comes after the last event changes nothing', async () => {
    expect(await record([completed([message('A')]), 'data: [DONE]\n\n'])).toMatchObject({ failure: undefined })
  })
})

describe('function calls', () => {
  const call = { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'f', arguments: '{"a":1}' }
  const kept = { id: 'call_1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }
  const read = (events: readonly JsonObject[]) => {
    const draft = emptyDraft()
    const contents = events.map(each => openaiResponses.readChunk(each, draft))
    return { contents, toolCalls: draft.toolCalls }
  }
  const added = { type: 'response.output_item.added', output_index: 0, item: { ...call, arguments: '' } }
  const piece = (text: string) => ({
    type: 'response.function_call_arguments.delta',
    output_index: 0,
    delta: text,
  })

  test('pieces become the call that the next request repeats', () => {
    const done = { type: 'response.output_item.done', output_index: 0, item: call }
    const last = { type: 'response.completed', response: { status: 'completed', output: [call] } }
    expect(read([added, piece('{"a"'), piece(':1}'), done, last])).toEqual({
      contents: ['answer', 'answer', 'answer', 'choice', 'choice'],
      toolCalls: [kept],
    })
  })

  test('an end that is told by no item, or by the last event alone, is an end', () => {
    const last = { type: 'response.completed', response: { status: 'completed', output: [] } }
    expect(read([added, piece('{"a":1}'), last]).toolCalls).toEqual([kept])
    expect(read([added, { type: 'response.completed' }]).toolCalls).toEqual([
      { ...kept, function: { name: 'f', arguments: '{}' } },
    ])
  })

  test('a call that comes whole is output once', () => {
    const done = { type: 'response.output_item.done', output_index: 0, item: call }
    const last = { type: 'response.completed', response: { status: 'completed', output: [call] } }
    expect(read([done, last])).toEqual({ contents: ['answer', 'choice'], toolCalls: [kept] })
    expect(read([last])).toEqual({ contents: ['answer'], toolCalls: [kept] })
  })

  test('two calls at once keep their own pieces', () => {
    const second = { ...added, output_index: 1, item: { ...call, call_id: 'call_2', arguments: '' } }
    const events = [added, second, { ...piece('{"b":2}'), output_index: 1 }, piece('{"a":1}')]
    const last = { type: 'response.completed', response: { status: 'completed', output: [] } }
    expect(read([...events, last]).toolCalls).toEqual([
      kept,
      { ...kept, id: 'call_2', function: { name: 'f', arguments: '{"b":2}' } },
    ])
  })

  test('calls of other tools are output, and nobody repeats them', () => {
    for (const kind of ['custom_tool_call_input', 'mcp_call_arguments', 'code_interpreter_call_code']) {
      const type = `response.${kind}.delta`
      expect(read([{ type, output_index: 0, delta: 'x' }])).toEqual({ contents: ['answer'], toolCalls: [] })
    }
  })
})

describe('answers in one piece', () => {
  const ask = (status: string, body: unknown) => recordOf(openaiResponses, whole(status, body), false)

  test('hold text, reasoning and counts', async () => {
    const output = [{ type: 'reasoning', summary: [{ type: 'summary_text', text: 'T' }] }, message('AB')]
    expect(timeless(await ask('200 OK', responseOf({ status: 'completed', output, usage })))).toMatchObject({
      isStream: false,
      hasFirstToken: false,
      inputTokens: 5,
      outputTokens: 4,
      cachedTokens: 3,
      reasoningTokens: 2,
      failure: undefined,
    })
  })

  test.each([
    // status line, body                                                    kind, message
    ['200 OK', responseOf({ status: 'failed', error: { message: 'oom' } }), 'inband_error', 'oom'],
    ['200 OK', responseOf({ status: 'cancelled' }), 'inband_error', 'the response was ended as cancelled'],
    ['200 OK', responseOf({ status: 'queued' }), 'empty', 'the answer ended without any output'],
    [
      '200 OK',
      responseOf({ status: 'in_progress', output: [message('A')], usage }),
      'empty',
      'the answer ended without any output',
    ],
    ['200 OK', responseOf({ status: 'completed' }), 'empty', 'the answer ended without any output'],
    [
      '400 Bad Request',
      { error: { message: 'no input', type: 'x', param: 'input' } },
      'http_4xx',
      'HTTP 400: no input',
    ],
    ['429 Too Many', { error: { message: 'slow down' } }, 'http_429', 'HTTP 429: slow down'],
    ['500 Oops', { error: { message: 'oom' } }, 'http_5xx', 'HTTP 500: oom'],
  ])('%s with %j is %s', async (status, body, kind, words) => {
    expect((await ask(status, body)).failure).toEqual({ kind, message: words })
  })
})
