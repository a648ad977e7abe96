import { describe, expect, test } from 'vitest'
import { anthropic } from '../../src/apis/anthropic.ts'
import { emptyDraft } from '../../src/apis/api.ts'
import { completeUrl, isChatUrl } from '../../src/arguments/endpoint.ts'
import type { Message, Prompt, Turn } from '../../src/model/conversation.ts'
import type { JsonObject } from '../../src/model/json.ts'
import type { RequestSettings, Sampling } from '../../src/model/run-plan.ts'
import { recordAt } from '../support/stamped.ts'
import { recordOf, streamed, timeless, whole } from '../support/transcript.ts'

const defaults: Sampling = { model: 'm', maxTokens: { min: 2048, max: 2048 }, stream: true, temperature: 0 }
const hello: Prompt = { kind: 'messages', messages: [{ role: 'user', content: 'hello' }] }
const build = (turn: Partial<Turn>, change: Partial<RequestSettings> = {}, history: readonly Message[] = []) =>
  anthropic.buildRequest({ prompt: hello, ...turn }, history, {
    chosen: {},
    defaults,
    extraArgs: {},
    queryTemplate: undefined,
    ...change,
  })
const messages = [{ role: 'user', content: 'hello' }]
const bare = { model: 'm', max_tokens: 2048, stream: true, temperature: 0 }

test.each([
  ['http://h:8000', 'http://h:8000/v1/messages'],
  ['https://api.anthropic.com/v1/', 'https://api.anthropic.com/v1/messages'],
  ['http://h:8000/v1/chat/completions', 'http://h:8000/v1/messages'],
])('%s becomes %s, which takes chat messages', (given, completed) => {
  const url = completeUrl(given, anthropic.endpoints)
  expect(url).toBe(completed)
  expect(isChatUrl(url, anthropic.chatEndpoints)).toBe(true)
})

test('the key goes into its own header, the version into every request', () => {
  expect(anthropic.headers?.('k')).toEqual({ 'x-api-key': 'k', 'anthropic-version': '2023-06-01' })
  expect(anthropic.headers?.(undefined)).toEqual({ 'anthropic-version': '2023-06-01' })
})

describe('bodies', () => {
  test('a bare text is what the user says', () => {
    expect(build({})).toEqual({ ...bare, messages })
    expect(build({ prompt: { kind: 'text', text: 'hello' } })).toEqual({ ...bare, messages })
  })

  test('of all flags those are sent that the protocol has, and the others are named', () => {
    const chosen: Required<Sampling> = {
      model: 'n',
      maxTokens: { min: 7, max: 7 },
      minTokens: 3,
      frequencyPenalty: 0.1,
      repetitionPenalty: 1.1,
      logprobs: true,
      nChoices: 2,
      seed: 5,
      stop: ['a', 'b'],
      stopTokenIds: [1],
      temperature: 0.5,
      topP: 0.9,
      topK: 40,
      stream: false,
    }
    expect(build({}, { chosen })).toEqual({
      messages,
      model: 'n',
      max_tokens: 7,
      stop_sequences: ['a', 'b'],
      stream: false,
      temperature: 0.5,
      top_p: 0.9,
      top_k: 40,
    })
    expect(anthropic.unsent).toEqual([
      ...['minTokens', 'frequencyPenalty', 'repetitionPenalty', 'logprobs', 'nChoices', 'seed', 'stopTokenIds'],
    ])
  })

  test('a turn has its own output limit; extra arguments win over everything', () => {
    expect(build({ maxTokens: 9 }, { chosen: { maxTokens: { min: 5, max: 5 } } })).toMatchObject({ max_tokens: 9 })
    const extraArgs = { max_tokens: 3, thinking: { type: 'enabled', budget_tokens: 1024 } }
    expect(build({ maxTokens: 9 }, { extraArgs })).toMatchObject(extraArgs)
  })

  test('what the system says stands beside the messages', () => {
    const brief: Message = { role: 'system', content: 'be brief' }
    expect(build({}, {}, [brief])).toEqual({ ...bare, system: 'be brief', messages })
    const kept = { type: 'text', text: 'kept', cache_control: { type: 'ephemeral' } }
    expect(build({}, {}, [brief, { role: 'developer', content: [kept] }])).toEqual({
      ...bare,
      system: [{ type: 'text', text: 'be brief' }, kept],
      messages,
    })
    expect(build({}, {}, [{ role: 'system', content: [kept] }])).toMatchObject({ system: [kept] })
    expect(build({}, {}, [{ role: 'system', content: '' }])).not.toHaveProperty('system')
  })

  const calls = (...ids: readonly string[]): JsonObject[] =>
    ids.map(id => ({ id, type: 'function', function: { name: 'f', arguments: `{"id":"${id}"}` } }))
  const use = (id: string): object => ({ type: 'tool_use', id, name: 'f', input: { id } })
  const result = (id: string, content: string): object => ({ type: 'tool_result', tool_use_id: id, content })

  test.each<[history: readonly Message[], sent: readonly object[]]>([
    [[{ role: 'user', content: 'a', name: 'x' }], [{ role: 'user', content: 'a' }]],
    [
      [{ role: 'user', content: [{ type: 'text', text: 'what?' }] }],
      [{ role: 'user', content: [{ type: 'text', text: 'what?' }] }],
    ],
    [
      [
        {
          role: 'user',
          content: [
            { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } },
            { type: 'image_url', image_url: 'https://h/i.png' },
          ],
        },
      ],
      [
        {
          role: 'user',
          content: [
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AA==' } },
            { type: 'image', source: { type: 'url', url: 'https://h/i.png' } },
          ],
        },
      ],
    ],
    [[{ role: 'assistant', content: null, tool_calls: calls('t1') }], [{ role: 'assistant', content: [use('t1')] }]],
    [
      [{ role: 'assistant', content: 'let me see', tool_calls: calls('t1') }],
      [{ role: 'assistant', content: [{ type: 'text', text: 'let me see' }, use('t1')] }],
    ],
    // Broken off by a limit, or of a server that writes what it likes.
    [
      [
        {
          role: 'assistant',
          content: '',
          tool_calls: [{ id: 't', type: 'function', function: { name: 'f', arguments: '{"a' } }],
        },
      ],
      [{ role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'f', input: { arguments: '{"a' } }] }],
    ],
    // The results of one answer's calls, in one message.
    [
      [
        { role: 'assistant', content: null, tool_calls: calls('t1', 't2') },
        { role: 'tool', tool_call_id: 't1', content: '1' },
        { role: 'tool', tool_call_id: 't2', content: '2' },
      ],
      [
        { role: 'assistant', content: [use('t1'), use('t2')] },
        { role: 'user', content: [result('t1', '1'), result('t2', '2')] },
      ],
    ],
    // An answer without text would be refused.
    [[{ role: 'assistant', content: '' }], []],
    [[{ role: 'assistant', content: null }], []],
  ])('%j becomes %j', (history, sent) => {
    expect(build({}, {}, history)).toEqual({ ...bare, messages: [...sent, ...messages] })
  })

  test('a template is filled, and gets the messages where it has no place for the prompt', () => {
    const queryTemplate = { system: 'for %m', messages: [{ role: 'user', content: 'say: %p' }], temperature: 0.7 }
    expect(build({}, { queryTemplate })).toEqual({
      ...bare,
      system: 'for m',
      messages: [{ role: 'user', content: 'say: hello' }],
      temperature: 0.7,
    })
    expect(build({}, { queryTemplate: { metadata: {} } })).toEqual({ ...bare, metadata: {}, messages })
  })

  test('a complete body has its gaps filled; one of chat completions is put into the words of this protocol', () => {
    const body = { messages, system: 's', temperature: 1, max_tokens: 5 }
    expect(build({ prompt: { kind: 'body', body } }, { chosen: { temperature: 0.5, topP: 0.3 } })).toEqual({
      ...body,
      model: 'm',
      stream: true,
      top_p: 0.3,
    })
    const chat = {
      messages: [{ role: 'system', content: 'be brief' }, ...messages],
      max_completion_tokens: 5,
      stop: 'x',
      stream_options: { include_usage: true },
      user: 'u',
    }
    expect(build({ prompt: { kind: 'body', body: chat } })).toEqual({
      ...bare,
      system: 'be brief',
      messages,
      max_tokens: 5,
      stop_sequences: ['x'],
      user: 'u',
    })
  })

  test('a recorded body of this protocol is sent as it was, with the model and what the user set alone', () => {
    const content = [{ type: 'tool_result', tool_use_id: 't', content: '1' }]
    const body = { model: 'q', max_tokens: 5, system: [], messages: [{ role: 'user', content, id: 7 }] }
    const prompt: Prompt = { kind: 'body', body, text: JSON.stringify(body) }
    const built = build({ prompt })
    expect(built).toEqual(body)
    // What is the very same value is sent as the text that was recorded.
    expect(built.messages).toBe(body.messages)
    expect(build({ prompt }, { chosen: { topK: 3 } })).toEqual({ ...body, top_k: 3 })
  })

  test('it cannot send token ids', () => {
    expect(anthropic.sends).not.toContain('tokens')
    expect(() => build({ prompt: { kind: 'tokens', ids: [1] } })).toThrow(/cannot send prompts of kind tokens/)
  })
})

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
    expect(build({}, {}, [{ role: 'assistant', content: null, tool_calls: toolCalls }]).messages).toEqual([
      { role: 'assistant', content: [{ type: 'tool_use', id: 't1', name: 'f', input: { a: 1 } }] },
      ...messages,
    ])
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

  const errorOf = (type: string, message: string): object => ({ type: 'error', error: { type, message } })
  test.each([
    // status line, body                                                    kind, message
    ['200 OK', errorOf('api_error', 'oom'), 'inband_error', 'oom'],
    ['200 OK', messageOf(), 'empty', 'the answer ended without any output'],
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
