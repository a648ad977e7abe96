import { describe, expect, test } from 'vitest'
import { ollama } from '../../src/apis/ollama.ts'
import { completeUrl, isChatUrl, toModelsUrl } from '../../src/arguments/endpoint.ts'
import type { Message, Prompt, Turn } from '../../src/model/conversation.ts'
import type { RequestSettings, Sampling } from '../../src/model/run-plan.ts'

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
