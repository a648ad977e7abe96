import { expect, test } from 'vitest'
import { openai } from '../../src/apis/openai.ts'
import type { Prompt, Turn } from '../../src/model/conversation.ts'
import type { RequestSettings, Sampling } from '../../src/model/run-plan.ts'

const defaults: Sampling = { model: 'm', maxTokens: { min: 2048, max: 2048 }, stream: true, temperature: 0 }
const settings = (change: Partial<RequestSettings> = {}): RequestSettings => ({
  chosen: {},
  defaults,
  extraArgs: {},
  queryTemplate: undefined,
  ...change,
})
const hello: Prompt = { kind: 'messages', messages: [{ role: 'user', content: 'hello' }] }
const build = (turn: Partial<Turn>, change?: Partial<RequestSettings>) =>
  openai.buildRequest({ prompt: hello, ...turn }, [], settings(change))
const chat = {
  messages: [{ role: 'user', content: 'hello' }],
  model: 'm',
  max_tokens: 2048,
  stream: true,
  stream_options: { include_usage: true },
  temperature: 0,
}

test('K10: a chat body', () => {
  expect(build({})).toEqual(chat)
})

test('K10: a plain prompt and token ids', () => {
  const { messages: _, ...rest } = chat
  expect(build({ prompt: { kind: 'text', text: 'hi' } })).toEqual({ ...rest, prompt: 'hi' })
  expect(build({ prompt: { kind: 'tokens', ids: [1, 2] } })).toEqual({ ...rest, prompt: [1, 2] })
})

test('K10: without streaming there are no stream_options', () => {
  const { stream_options: _, ...rest } = chat
  expect(build({}, { chosen: { stream: false } })).toEqual({ ...rest, stream: false })
})

test('K10: stop token ids are numbers, and every flag has its key', () => {
  const chosen: Sampling = {
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
    messages: chat.messages,
    model: 'n',
    max_tokens: 7,
    min_tokens: 3,
    frequency_penalty: 0.1,
    repetition_penalty: 1.1,
    logprobs: true,
    n: 2,
    seed: 5,
    stop: ['a'],
    stop_token_ids: [1, 2],
    temperature: 0.5,
    top_p: 0.9,
    top_k: 40,
    stream: true,
    stream_options: { include_usage: true },
  })
})

test('K10: extra arguments win over everything', () => {
  const extraArgs = { temperature: 1, ignore_eos: true, model: 'z' }
  expect(build({}, { chosen: { temperature: 0.5 }, extraArgs })).toMatchObject(extraArgs)
  expect(build({ prompt: { kind: 'body', body: { model: 'b' } } }, { extraArgs })).toMatchObject(extraArgs)
})

test('a turn has its own output limit above the flag', () => {
  expect(build({ maxTokens: 9 }, { chosen: { maxTokens: { min: 5, max: 5 } } })).toMatchObject({ max_tokens: 9 })
})

test('a template keeps its own keys against defaults, and loses them to what the user set', () => {
  const queryTemplate = {
    model: '%m',
    messages: [
      { role: 'system', content: 'for %m' },
      { role: 'user', content: 'say: %p' },
    ],
    temperature: 0.7,
    max_tokens: 1024,
    skip_special_tokens: false,
  }
  expect(build({}, { queryTemplate, chosen: { maxTokens: { min: 5, max: 5 } } })).toEqual({
    model: 'm',
    messages: [
      { role: 'system', content: 'for m' },
      { role: 'user', content: 'say: hello' },
    ],
    temperature: 0.7,
    max_tokens: 5,
    skip_special_tokens: false,
    stream: true,
    stream_options: { include_usage: true },
  })
})

test('a template without a place for the prompt gets the messages', () => {
  expect(build({}, { queryTemplate: { messages: [], top_p: 0.5 } })).toEqual({ ...chat, top_p: 0.5 })
})

test('a prompt that contains %m or %p goes out as it is', () => {
  const prompt: Prompt = { kind: 'text', text: 'what is %m and %p and $& ?' }
  expect(build({ prompt }, { queryTemplate: { prompt: '%p' } })).toMatchObject({ prompt: 'what is %m and %p and $& ?' })
})

test('a complete body keeps its own keys; flags fill its gaps', () => {
  const body = { messages: [{ role: 'user', content: 'x' }], temperature: 1, stream: false }
  expect(build({ prompt: { kind: 'body', body } }, { chosen: { temperature: 0.5, topP: 0.3 } })).toEqual({
    ...body,
    model: 'm',
    max_tokens: 2048,
    top_p: 0.3,
  })
})

test('a recorded body is filled with the model and what the user set alone', () => {
  const recorded = { messages: [{ role: 'user', content: 'x' }], stream: true }
  const prompt: Prompt = { kind: 'body', body: recorded, text: JSON.stringify(recorded) }
  expect(build({ prompt })).toEqual({ ...recorded, model: 'm' })
  expect(build({ prompt }, { chosen: { temperature: 0.5, stream: false } })).toEqual({
    ...recorded,
    model: 'm',
    temperature: 0.5,
  })
  const complete: Prompt = { kind: 'body', body: { ...recorded, model: 'q' }, text: '' }
  expect(build({ prompt: complete })).toEqual({ ...recorded, model: 'q' })
})

test('history stands before the new messages', () => {
  const history = [
    { role: 'user', content: 'a' },
    { role: 'assistant', content: 'b' },
  ]
  expect(openai.buildRequest({ prompt: hello }, history, settings()).messages).toEqual([...history, ...chat.messages])
})

test('the key goes into the Authorization header', () => {
  expect(openai.headers?.('k')).toEqual({ authorization: 'Bearer k' })
  expect(openai.headers?.(undefined)).toEqual({})
})
