import { describe, expect, test } from 'vitest'
import { emptyDraft } from '../../src/apis/api.ts'
import { ollama } from '../../src/apis/ollama.ts'
import { completeUrl, isChatUrl, toModelsUrl } from '../../src/arguments/endpoint.ts'
import type { Message, Prompt, Turn } from '../../src/model/conversation.ts'
import type { RequestSettings, Sampling } from '../../src/model/run-plan.ts'
import { recordOf, streamed, timeless, whole } from '../support/transcript.ts'

const defaults: Sampling = { model: 'llama', maxTokens: { min: 2048, max: 2048 }, stream: true, temperature: 0 }
const hello: Prompt = { kind: 'messages', messages: [{ role: 'user', content: 'hello' }] }
const build = (turn: Partial<Turn>, change: Partial<RequestSettings> = {}, history: readonly Message[] = []) =>
  ollama.buildRequest({ prompt: hello, ...turn }, history, {
    chosen: {},
    defaults,
    extraArgs: {},
    queryTemplate: undefined,
    ...change,
  })
const messages = [{ role: 'user', content: 'hello' }]
const options = { num_predict: 2048, temperature: 0 }
const chat = { model: 'llama', messages, stream: true, options }

test.each([
  ['http://h:11434', 'http://h:11434/api/chat', true],
  ['h:11434/api', 'http://h:11434/api/chat', true],
  ['http://h:11434/api/generate', 'http://h:11434/api/generate', false],
])('%s becomes %s; it takes chat messages: %s', (given, completed, isChat) => {
  const url = completeUrl(given, ollama.endpoints)
  expect(url).toBe(completed)
  expect(isChatUrl(url, ollama.chatEndpoints)).toBe(isChat)
  expect(toModelsUrl(url, ollama.endpoints, ollama.modelsPath ?? '')).toBe('http://h:11434/api/tags')
})

describe('bodies', () => {
  test('a chat prompt, and a bare one', () => {
    expect(build({})).toEqual(chat)
    expect(build({ prompt: { kind: 'text', text: 'hi' } })).toEqual({
      model: 'llama',
      prompt: 'hi',
      stream: true,
      options,
    })
  })

  test('no streaming is said, as Ollama streams by itself', () => {
    const body = build({}, { chosen: { stream: false } })
    expect(body).toEqual({ ...chat, stream: false })
    expect(ollama.asksStream?.(body)).toBe(false)
    expect(ollama.asksStream?.({})).toBe(true)
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
      messages,
      stream: true,
      logprobs: true,
      options: {
        num_predict: 7,
        frequency_penalty: 0.1,
        repeat_penalty: 1.1,
        seed: 5,
        stop: ['a'],
        temperature: 0.5,
        top_p: 0.9,
        top_k: 40,
      },
    })
    expect(ollama.unsent).toEqual(['minTokens', 'nChoices', 'stopTokenIds'])
  })

  test('extra arguments win at the top level, and key by key in options', () => {
    const extraArgs = { think: false, keep_alive: '10m', options: { num_ctx: 4096, temperature: 1 } }
    expect(build({}, { extraArgs, chosen: { temperature: 0.5 } })).toEqual({
      ...chat,
      think: false,
      keep_alive: '10m',
      options: { ...options, num_ctx: 4096, temperature: 1 },
    })
  })

  test('a template keeps its options against defaults and gets the messages, unless it has a place for the prompt', () => {
    const queryTemplate = { options: { num_ctx: 8192, temperature: 0.7 }, format: 'json' }
    expect(build({}, { queryTemplate })).toEqual({
      ...chat,
      options: { num_ctx: 8192, num_predict: 2048, temperature: 0.7 },
      format: 'json',
    })
    const placed = { messages: [{ role: 'user', content: '%m: %p' }] }
    expect(build({}, { queryTemplate: placed }).messages).toEqual([{ role: 'user', content: 'llama: hello' }])
  })

  test('a complete body has its gaps filled; a recorded one gets the model and what the user set alone', () => {
    const body = { messages, options: { temperature: 1 } }
    expect(build({ prompt: { kind: 'body', body } })).toEqual({ ...chat, options: { ...options, temperature: 1 } })
    const prompt: Prompt = { kind: 'body', body, text: JSON.stringify(body) }
    expect(build({ prompt })).toEqual({ ...body, model: 'llama' })
    expect(build({ prompt }, { chosen: { topP: 0.5 } })).toEqual({
      model: 'llama',
      messages,
      options: { temperature: 1, top_p: 0.5 },
    })
  })

  test('a recorded body of chat completions is told in Ollama’s words, one of Ollama’s own stays itself', () => {
    const content = [{ type: 'text', text: 'hello' }]
    const body = {
      model: 'm',
      messages: [{ role: 'user', content }],
      max_completion_tokens: 9,
      temperature: 0.5,
      n: 2,
      stream: true,
      stream_options: { include_usage: true },
      tools: [],
    }
    expect(build({ prompt: { kind: 'body', body, text: JSON.stringify(body) } })).toEqual({
      model: 'm',
      messages,
      stream: true,
      options: { num_predict: 9, temperature: 0.5 },
      tools: [],
    })
    const own = { model: 'm', messages, options: { num_predict: 9 } }
    const built = build({ prompt: { kind: 'body', body: own, text: JSON.stringify(own) } })
    expect(Object.keys(built)).toHaveLength(3)
    for (const key of ['model', 'messages', 'options'] as const) expect(built[key]).toBe(own[key])
    // What it has anyway adds nothing: it goes out to the byte.
    const chosen: Sampling = { maxTokens: { min: 7, max: 7 } }
    expect(build({ prompt: { kind: 'body', body: own, text: 'as recorded' } }, { chosen }).options).toBe(own.options)
  })

  test('parts are joined to a text, images stand beside it, and arguments of tool calls are objects', () => {
    const history: Message[] = [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'what ' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,aGk=' } },
          { type: 'text', text: 'is it?' },
        ],
      },
      { role: 'assistant', content: null, tool_calls: [{ id: 'c', function: { name: 'f', arguments: '{"a":1}' } }] },
      { role: 'assistant', content: null, tool_calls: [{ function: { name: 'g', arguments: { b: 2 } } }] },
      { role: 'assistant', content: null, tool_calls: [{ function: { name: 'h', arguments: '{"c' } }] },
    ]
    expect(build({}, {}, history).messages).toEqual([
      { role: 'user', content: 'what is it?', images: ['aGk='] },
      { role: 'assistant', content: '', tool_calls: [{ id: 'c', function: { name: 'f', arguments: { a: 1 } } }] },
      { role: 'assistant', content: '', tool_calls: [{ function: { name: 'g', arguments: { b: 2 } } }] },
      { role: 'assistant', content: '', tool_calls: [{ function: { name: 'h', arguments: { arguments: '{"c' } } }] },
      ...messages,
    ])
  })

  test('an image elsewhere, and a prompt that it cannot send, are said', () => {
    const content = [{ type: 'image_url', image_url: 'https://h/a.png' }]
    const prompt: Prompt = { kind: 'messages', messages: [{ role: 'user', content }] }
    expect(() => build({ prompt })).toThrow('Ollama takes images as base64 data: URLs only, got https://h/a.png')
    expect(() => build({ prompt: { kind: 'tokens', ids: [1] } })).toThrow('it cannot send prompts of kind tokens')
  })
})

const head = { model: 'llama', created_at: '2026-01-02T03:04:05.678901Z' }
const line = (fields: object): string => `${JSON.stringify({ ...head, ...fields })}\n`
const word = (content: string, more: object = {}): object => ({
  message: { role: 'assistant', content, ...more },
  done: false,
})
const last = {
  message: { role: 'assistant', content: '' },
  done: true,
  done_reason: 'stop',
  total_duration: 5_000_000,
  prompt_eval_count: 26,
  eval_count: 3,
}
const type = 'application/x-ndjson'
const noCounts = { cachedTokens: undefined, reasoningTokens: undefined }

describe('answers', () => {
  test('a stream with thinking', async () => {
    const lines = [word('', { thinking: 'hm' }), word('A'), word(' B\u2028'), last]
    const record = await recordOf(ollama, streamed(type, lines.map(line)))
    expect(timeless(record)).toEqual({
      isStream: true,
      chunkCount: 3,
      hasFirstToken: true,
      eventsPerReadMax: 1,
      inputTokens: 26,
      outputTokens: 3,
      ...noCounts,
      tokenSource: 'usage',
      statusCode: 200,
      failure: undefined,
      events: lines.map(each => ({ ...head, ...each })),
    })
    expect(record.gapsUs).toHaveLength(2)
    expect(record.gapsUs.every(gapUs => gapUs > 15_000)).toBe(true)
    expect((record.ttfatUs as number) - (record.ttftUs as number)).toBe(record.gapsUs[0])
  })

  test('a body in one piece; where a stream was asked for it is one of a single event', async () => {
    const body = { ...head, ...last, message: { role: 'assistant', content: 'A B' } }
    const told = {
      isStream: false,
      chunkCount: 1,
      hasFirstToken: false,
      eventsPerReadMax: 0,
      inputTokens: 26,
      outputTokens: 3,
      ...noCounts,
      tokenSource: 'usage',
      statusCode: 200,
      failure: undefined,
      events: [body],
    }
    expect(timeless(await recordOf(ollama, whole('200 OK', body), false))).toEqual(told)
    const asStream = { ...told, isStream: true, hasFirstToken: true, eventsPerReadMax: 1 }
    expect(timeless(await recordOf(ollama, whole('200 OK', body)))).toEqual(asStream)
  })

  test('a completion, whose text is its response', () => {
    const draft = emptyDraft()
    expect(ollama.readChunk({ ...head, response: '', thinking: 'hm', done: false }, draft)).toBe('reasoning')
    expect(ollama.readChunk({ ...head, response: 'A', done: false }, draft)).toBe('answer')
    expect(ollama.readChunk({ ...head, response: '', done: true, done_reason: 'length', eval_count: 2 }, draft)).toBe(
      'choice',
    )
    expect(draft).toMatchObject({ text: 'A', reasoning: 'hm', finished: true, done: true, outputTokens: 2 })
  })

  test('tokens read from the cache are among those of the prompt', () => {
    const draft = emptyDraft()
    ollama.readChunk({ ...head, ...last, prompt_eval_cached_count: 20 }, draft)
    expect(draft).toMatchObject({ inputTokens: 26, cachedTokens: 20 })
  })

  test('a prompt that was cached is told by older versions without its count', () => {
    const { prompt_eval_count: _, ...cached } = last
    const draft = emptyDraft()
    ollama.readChunk({ ...head, ...cached }, draft)
    expect(draft).toMatchObject({ inputTokens: undefined, outputTokens: 3 })
  })

  test('tool calls come whole, each in a line of its own, and go back as they came', () => {
    const call = (name: string) => ({ function: { name, arguments: { at: 1 } } })
    const draft = emptyDraft()
    for (const name of ['f', 'g']) {
      expect(ollama.readChunk({ message: { role: 'assistant', content: '', tool_calls: [call(name)] } }, draft)).toBe(
        'answer',
      )
    }
    expect(draft.toolCalls).toEqual([call('f'), call('g')])
    const history = [{ role: 'assistant', content: '', tool_calls: draft.toolCalls }]
    expect(build({}, {}, history).messages).toEqual([...history, ...messages])
  })
})

describe('failures', () => {
  test('an error line midway is an in-band error with its message; what had come is kept', async () => {
    const record = await recordOf(ollama, streamed(type, [line(word('A')), '{"error":"unexpected EOF"}\n']))
    expect(record.failure).toEqual({ kind: 'inband_error', message: 'unexpected EOF' })
    expect(record).toMatchObject({ chunkCount: 1, outputTokens: 1 })
  })

  test('a status is told with the words of its object', async () => {
    const record = await recordOf(ollama, whole('404 Not Found', { error: "model 'x' not found" }))
    expect(record.failure).toEqual({ kind: 'http_4xx', message: "HTTP 404: model 'x' not found" })
  })

  test('a model that is only loaded has answered nothing', async () => {
    const loaded = { message: { role: 'assistant', content: '' }, done: true, done_reason: 'load' }
    const record = await recordOf(ollama, streamed(type, [line(loaded)]))
    expect(record.failure?.kind).toBe('empty')
  })

  test('a stream that ends before it is done is truncated', async () => {
    const record = await recordOf(ollama, streamed(type, [line(word('A'))]))
    expect(record.failure?.kind).toBe('truncated')
  })

  test('an answer of another protocol is told by its type', async () => {
    const record = await recordOf(ollama, streamed('text/event-stream', ['data: {}\n\n']))
    expect(record.failure?.message).toBe(
      "the answer's content type is text/event-stream, neither a stream of JSON lines nor JSON",
    )
  })
})
