import { describe, expect, test } from 'vitest'
import { emptyDraft } from '../../src/apis/api.ts'
import { dashscope } from '../../src/apis/dashscope.ts'
import { completeUrl } from '../../src/arguments/endpoint.ts'
import type { Message, Prompt, Turn } from '../../src/model/conversation.ts'
import type { RequestSettings, Sampling } from '../../src/model/run-plan.ts'
import { recordOf, streamed, timeless, whole } from '../support/transcript.ts'

const defaults: Sampling = { model: 'qwen', maxTokens: { min: 2048, max: 2048 }, stream: true, temperature: 0 }
const hello: Prompt = { kind: 'messages', messages: [{ role: 'user', content: 'hello' }] }
const build = (turn: Partial<Turn>, change: Partial<RequestSettings> = {}, history: readonly Message[] = []) =>
  dashscope.buildRequest({ prompt: hello, ...turn }, history, {
    chosen: {},
    defaults,
    extraArgs: {},
    queryTemplate: undefined,
    ...change,
  })
const asked = { model: 'qwen', input: { messages: [{ role: 'user', content: 'hello' }] } }
const standard = { result_format: 'message', max_tokens: 2048, incremental_output: true, temperature: 0 }

describe('the URL', () => {
  const [text] = dashscope.endpoints
  test.each([
    ['https://dashscope.aliyuncs.com', `https://dashscope.aliyuncs.com${text}`],
    ['https://dashscope.aliyuncs.com/api/v1', `https://dashscope.aliyuncs.com${text}`],
    ['https://dashscope.aliyuncs.com/api/v1/services/aigc', `https://dashscope.aliyuncs.com${text}`],
    ['https://h/api/v1/services/aigc/multimodal-generation/generation', undefined],
    ['http://gateway/qwen/text-generation/generation', undefined],
  ])('%s becomes %s', (given, completed) => {
    expect(completeUrl(given, dashscope.endpoints)).toBe(completed ?? given)
  })
})

describe('bodies', () => {
  test('a chat prompt stands in input, parameters in parameters', () => {
    expect(build({})).toEqual({ ...asked, parameters: standard })
  })

  test('a bare prompt is input.prompt', () => {
    expect(build({ prompt: { kind: 'text', text: 'hi' } })).toEqual({
      model: 'qwen',
      input: { prompt: 'hi' },
      parameters: standard,
    })
  })

  test('without streaming nothing asks for a stream, neither body nor header', () => {
    const body = build({}, { chosen: { stream: false } })
    const { incremental_output: _, ...rest } = standard
    expect(body).toEqual({ ...asked, parameters: rest })
    expect(dashscope.asksStream?.(body)).toBe(false)
    expect(dashscope.requestHeaders?.(body)).toBeUndefined()
  })

  test('a streamed body goes with the header that asks for the stream', () => {
    expect(dashscope.asksStream?.(build({}))).toBe(true)
    expect(dashscope.requestHeaders?.(build({}))).toEqual({ 'x-dashscope-sse': 'enable' })
  })

  test('every flag has its key, and what the protocol lacks is named as not sent', () => {
    const chosen: Required<Sampling> = {
      model: 'n',
      maxTokens: { min: 7, max: 7 },
      minTokens: 3,
      frequencyPenalty: 0.1,
      repetitionPenalty: 1.1,
      logprobs: true,
      nChoices: 2,
      seed: 5,
      stop: ['a'],
      stopTokenIds: [1, 2],
      temperature: 0.5,
      topP: 0.9,
      topK: 40,
      stream: true,
    }
    expect(build({}, { chosen })).toEqual({
      model: 'n',
      input: asked.input,
      parameters: {
        result_format: 'message',
        incremental_output: true,
        max_tokens: 7,
        repetition_penalty: 1.1,
        logprobs: true,
        n: 2,
        seed: 5,
        stop: ['a'],
        temperature: 0.5,
        top_p: 0.9,
        top_k: 40,
      },
    })
    expect(dashscope.unsent).toEqual(['minTokens', 'frequencyPenalty', 'stopTokenIds'])
  })

  test('extra arguments win at the top level, and key by key in input and parameters', () => {
    const extraArgs = { parameters: { enable_thinking: true, temperature: 1 }, input: { seen: true }, user: 'me' }
    expect(build({}, { extraArgs, chosen: { temperature: 0.5 } })).toEqual({
      ...asked,
      input: { ...asked.input, seen: true },
      parameters: { ...standard, enable_thinking: true, temperature: 1 },
      user: 'me',
    })
  })

  test('a user who turns increments off still gets his stream', () => {
    const extraArgs = { parameters: { incremental_output: false } }
    const body = build({}, { extraArgs })
    expect(body.parameters).toEqual({ ...standard, incremental_output: false })
    expect(dashscope.requestHeaders?.(body)).toEqual({ 'x-dashscope-sse': 'enable' })
  })

  test('a template keeps its parameters against defaults, and gets the messages into its input', () => {
    const queryTemplate = {
      model: '%m',
      input: { messages: [], tag: 'x' },
      parameters: { temperature: 0.7, top_p: 0.5, enable_search: true },
    }
    expect(build({}, { queryTemplate, chosen: { topP: 0.9 } })).toEqual({
      model: 'qwen',
      input: { ...asked.input, tag: 'x' },
      parameters: { ...standard, temperature: 0.7, top_p: 0.9, enable_search: true },
    })
  })

  test('a template with a place for the prompt keeps its own messages', () => {
    const queryTemplate = { input: { messages: [{ role: 'user', content: 'say %p' }] } }
    expect(build({}, { queryTemplate }).input).toEqual({ messages: [{ role: 'user', content: 'say hello' }] })
  })

  test('--no-stream stands above a template that asks for increments', () => {
    const queryTemplate = { parameters: { incremental_output: true } }
    expect(dashscope.asksStream?.(build({}, { queryTemplate, chosen: { stream: false } }))).toBe(false)
  })

  test('a complete body has its gaps filled, key by key', () => {
    const body = { input: { prompt: 'x' }, parameters: { temperature: 1, result_format: 'text' } }
    expect(build({ prompt: { kind: 'body', body } })).toEqual({
      model: 'qwen',
      input: { prompt: 'x' },
      parameters: { ...standard, temperature: 1, result_format: 'text' },
    })
  })

  test('a recorded body gets the model and what the user set alone', () => {
    const body = { input: { prompt: 'x' } }
    const prompt: Prompt = { kind: 'body', body, text: JSON.stringify(body) }
    expect(build({ prompt })).toEqual({ ...body, model: 'qwen' })
    expect(build({ prompt }, { chosen: { topP: 0.5 } })).toEqual({
      ...body,
      model: 'qwen',
      parameters: { top_p: 0.5 },
    })
  })

  test('a recorded body of chat completions is told in this protocol’s words', () => {
    const body = {
      model: 'm',
      messages: [{ role: 'user', content: [{ type: 'text', text: 'hello' }] }],
      max_tokens: 9,
      frequency_penalty: 1,
      stream: true,
      stream_options: { include_usage: true },
      tools: [],
    }
    expect(build({ prompt: { kind: 'body', body, text: JSON.stringify(body) } })).toEqual({
      ...asked,
      model: 'm',
      parameters: { result_format: 'message', max_tokens: 9, incremental_output: true, tools: [] },
    })
  })

  test('history comes first, a turn limits its own output, and parts are named as the protocol names them', () => {
    const history: Message[] = [
      { role: 'user', content: [{ type: 'text', text: 'a' }] },
      { role: 'assistant', content: null, tool_calls: [{ id: '1' }] },
    ]
    const content = [
      { type: 'text', text: 'what is it' },
      { type: 'image_url', image_url: { url: 'https://h/a.png' } },
      { type: 'audio', audio: 'https://h/a.mp3' },
    ]
    const prompt: Prompt = { kind: 'messages', messages: [{ role: 'user', content }] }
    expect(build({ prompt, maxTokens: 9 }, { chosen: { maxTokens: { min: 5, max: 5 } } }, history)).toEqual({
      model: 'qwen',
      input: {
        messages: [
          { role: 'user', content: 'a' },
          { role: 'assistant', content: '', tool_calls: [{ id: '1' }] },
          {
            role: 'user',
            content: [
              { text: 'what is it' },
              { image: 'https://h/a.png' },
              { type: 'audio', audio: 'https://h/a.mp3' },
            ],
          },
        ],
      },
      parameters: { ...standard, max_tokens: 9 },
    })
  })

  test('what it cannot send is said', () => {
    expect(() => build({ prompt: { kind: 'tokens', ids: [1] } })).toThrow('it cannot send prompts of kind tokens')
  })
})

/** An event as DashScope writes it: without a space after the colon, with the status as a comment. */
const event = (id: number, payload: unknown, name = 'result', status = 200): string =>
  `id:${id}\nevent:${name}\n:HTTP_STATUS/${status}\ndata:${JSON.stringify(payload)}\n\n`
const type = 'text/event-stream;charset=UTF-8'

const said = (message: object, outputTokens: number, reason = 'null'): object => ({
  output: { choices: [{ message: { role: 'assistant', ...message }, finish_reason: reason }] },
  usage: {
    input_tokens: 11,
    output_tokens: outputTokens,
    total_tokens: 11 + outputTokens,
    prompt_tokens_details: { cached_tokens: 4 },
  },
  request_id: 'r-1',
})

describe('answers', () => {
  test('a stream with reasoning', async () => {
    const payloads = [
      { output: { choices: [{ message: { content: '', role: 'assistant' }, finish_reason: 'null' }] }, usage: {} },
      said({ content: '', reasoning_content: '想' }, 1),
      said({ content: 'A', reasoning_content: '' }, 2),
      said({ content: 'B\u2028' }, 4),
      {
        ...said({ content: '' }, 4, 'stop'),
        usage: { input_tokens: 11, output_tokens: 4, output_tokens_details: { reasoning_tokens: 1 } },
      },
    ]
    const record = await recordOf(
      dashscope,
      streamed(
        type,
        payloads.map((payload, at) => event(at + 1, payload)),
      ),
    )
    expect(timeless(record)).toEqual({
      isStream: true,
      chunkCount: 3,
      hasFirstToken: true,
      eventsPerReadMax: 1,
      inputTokens: 11,
      outputTokens: 4,
      cachedTokens: 4,
      reasoningTokens: 1,
      tokenSource: 'usage',
      statusCode: 200,
      failure: undefined,
      events: payloads,
    })
    expect(record.gapsUs).toHaveLength(2)
    expect(record.gapsUs.every(gapUs => gapUs > 15_000)).toBe(true)
    expect((record.ttfatUs as number) - (record.ttftUs as number)).toBe(record.gapsUs[0])
    expect(record.firstChunkUs).toBeLessThan(record.ttftUs as number)
  })

  test('a body in one piece', async () => {
    const body = { status_code: 200, code: '', message: '', ...said({ content: 'AB' }, 2, 'stop') }
    expect(timeless(await recordOf(dashscope, whole('200 OK', body), false))).toEqual({
      isStream: false,
      chunkCount: 1,
      hasFirstToken: false,
      eventsPerReadMax: 0,
      inputTokens: 11,
      outputTokens: 2,
      cachedTokens: 4,
      reasoningTokens: undefined,
      tokenSource: 'usage',
      statusCode: 200,
      failure: undefined,
      events: [body],
    })
  })

  test('a bare text, the content of models that see, and tool calls in pieces', () => {
    const draft = emptyDraft()
    expect(dashscope.readChunk({ output: { text: 'A', finish_reason: 'null' } }, draft)).toBe('answer')
    expect(draft.finished).toBe(false)
    const seen = said({ content: [{ text: 'B' }, { image: 'x' }, { text: 'C' }] }, 3)
    expect(dashscope.readChunk(JSON.parse(JSON.stringify(seen)), draft)).toBe('answer')
    const call = { index: 0, id: 'c', type: 'function', function: { name: 'f', arguments: '{"a"' } }
    const more = { index: 0, id: '', type: 'function', function: { name: '', arguments: ':1}' } }
    for (const piece of [call, more]) {
      expect(
        dashscope.readChunk(JSON.parse(JSON.stringify(said({ content: '', tool_calls: [piece] }, 4))), draft),
      ).toBe('answer')
    }
    expect(dashscope.readChunk({ output: { text: '', finish_reason: 'length' } }, draft)).toBe('choice')
    expect(draft).toMatchObject({
      text: 'ABC',
      finished: true,
      toolCalls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }],
    })
  })

  test.each([
    ['search results alone', { output: { search_info: {} }, usage: {} }],
    ['usage alone', { usage: { input_tokens: 3, output_tokens: 1 } }],
    ['no choice', { output: { choices: [] } }],
  ])('%s is no output', (_, payload) => {
    expect(dashscope.readChunk(payload, emptyDraft())).toBe('other')
  })
})

describe('failures', () => {
  const refusal = { code: 'InvalidParameter', message: 'Range of max_tokens should be [1, 32768]', request_id: 'r' }

  test('an error event midway is an in-band error with its message; what had come is kept', async () => {
    const record = await recordOf(
      dashscope,
      streamed(type, [event(1, said({ content: 'A' }, 1)), event(2, refusal, 'error', 400)]),
    )
    expect(record.failure).toEqual({ kind: 'inband_error', message: refusal.message })
    expect(record).toMatchObject({ statusCode: 200, chunkCount: 1, outputTokens: 1 })
  })

  test('a status is told with the message of its object', async () => {
    const record = await recordOf(dashscope, whole('429 Too Many Requests', { ...refusal, message: 'slow down' }))
    expect(record.failure).toEqual({ kind: 'http_429', message: 'HTTP 429: slow down' })
  })

  test('an error body that is an event, though called JSON, is told with its message', async () => {
    const record = await recordOf(dashscope, whole('400 Bad Request', event(1, refusal, 'error', 400)))
    expect(record.failure).toEqual({ kind: 'http_4xx', message: `HTTP 400: ${refusal.message}` })
  })

  test('a code without words, and the words of a gateway', () => {
    const draft = emptyDraft()
    expect(dashscope.readChunk({ code: 'Throttling', message: '' }, draft)).toBe('error')
    expect(draft.errorMessage).toBe('Throttling')
    expect(dashscope.readBody({ error: { message: 'bad gateway' } }, draft)).toBe('error')
    expect(draft.errorMessage).toBe('bad gateway')
  })

  test('a stream that ends with its reason still null is truncated', async () => {
    const record = await recordOf(dashscope, streamed(type, [event(1, said({ content: 'A' }, 1))]))
    expect(record.failure?.kind).toBe('truncated')
  })
})
