import { expect, test } from 'vitest'
import { dashscope } from '../../src/apis/dashscope.ts'
import type { Message, Prompt, Turn } from '../../src/model/conversation.ts'
import type { RequestSettings, Sampling } from '../../src/model/run-plan.ts'

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
          content: [{ text: 'what is it' }, { image: 'https://h/a.png' }, { type: 'audio', audio: 'https://h/a.mp3' }],
        },
      ],
    },
    parameters: { ...standard, max_tokens: 9 },
  })
})

test('what it cannot send is said', () => {
  expect(() => build({ prompt: { kind: 'tokens', ids: [1] } })).toThrow('it cannot send prompts of kind tokens')
})
