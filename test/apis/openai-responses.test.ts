import { describe, expect, test } from 'vitest'
import { openaiResponses } from '../../src/apis/openai-responses.ts'
import { completeUrl, isChatUrl } from '../../src/arguments/endpoint.ts'
import type { Message, Prompt, Turn } from '../../src/model/conversation.ts'
import type { JsonObject } from '../../src/model/json.ts'
import type { RequestSettings, Sampling } from '../../src/model/run-plan.ts'

const defaults: Sampling = { model: 'm', maxTokens: { min: 2048, max: 2048 }, stream: true, temperature: 0 }
const hello: Prompt = { kind: 'messages', messages: [{ role: 'user', content: 'hello' }] }
const build = (turn: Partial<Turn>, change: Partial<RequestSettings> = {}, history: readonly Message[] = []) =>
  openaiResponses.buildRequest({ prompt: hello, ...turn }, history, {
    chosen: {},
    defaults,
    extraArgs: {},
    queryTemplate: undefined,
    ...change,
  })
const input = [{ role: 'user', content: 'hello' }]
const bare = { model: 'm', max_output_tokens: 2048, stream: true, temperature: 0 }

test.each([
  // K09
  ['http://h:8000', 'http://h:8000/v1/responses'],
  ['http://h:8000/v1/', 'http://h:8000/v1/responses'],
  ['http://h:8000/v1/chat/completions', 'http://h:8000/v1/responses'],
  ['http://h:8000/v1/responses?api-version=1', 'http://h:8000/v1/responses?api-version=1'],
])('%s becomes %s, which takes chat messages', (given, completed) => {
  const url = completeUrl(given, openaiResponses.endpoints)
  expect(url).toBe(completed)
  expect(isChatUrl(url, openaiResponses.chatEndpoints)).toBe(true)
})

describe('bodies', () => {
  test('messages are a list of items, a bare text is the input itself', () => {
    expect(build({})).toEqual({ ...bare, input })
    expect(build({ prompt: { kind: 'text', text: 'hi' } })).toEqual({ ...bare, input: 'hi' })
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
      stop: ['a'],
      stopTokenIds: [1],
      temperature: 0.5,
      topP: 0.9,
      topK: 40,
      stream: false,
    }
    expect(build({}, { chosen })).toEqual({
      input,
      model: 'n',
      max_output_tokens: 7,
      stream: false,
      temperature: 0.5,
      top_p: 0.9,
    })
    expect(openaiResponses.unsent).toEqual([
      ...['minTokens', 'frequencyPenalty', 'repetitionPenalty', 'logprobs', 'nChoices', 'seed', 'stop'],
      ...['stopTokenIds', 'topK'],
    ])
  })

  test('a turn has its own output limit; extra arguments win over everything', () => {
    expect(build({ maxTokens: 9 }, { chosen: { maxTokens: { min: 5, max: 5 } } })).toMatchObject({
      max_output_tokens: 9,
    })
    const extraArgs = { max_output_tokens: 3, reasoning: { effort: 'low' } }
    expect(build({ maxTokens: 9 }, { extraArgs })).toMatchObject(extraArgs)
  })

  test.each<[message: Message, items: readonly JsonObject[]]>([
    [{ role: 'system', content: 'be brief', name: 'x' }, [{ role: 'system', content: 'be brief' }]],
    [
      { role: 'user', content: [{ type: 'text', text: 'what?' }] },
      [{ role: 'user', content: [{ type: 'input_text', text: 'what?' }] }],
    ],
    [
      { role: 'assistant', content: [{ type: 'text', text: 'that' }] },
      [{ role: 'assistant', content: [{ type: 'output_text', text: 'that' }] }],
    ],
    [
      { role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AA' } }] },
      [
        {
          role: 'user',
          content: [{ type: 'input_image', image_url: 'data:image/png;base64,AA', detail: 'auto' }],
        },
      ],
    ],
    [
      {
        role: 'user',
        content: [
          { type: 'image_url', image_url: 'https://h/i.png' },
          { type: 'image_url', image_url: { url: 'https://h/j.png', detail: 'low' } },
          { type: 'input_audio', input_audio: { data: 'AA' } },
        ],
      },
      [
        {
          role: 'user',
          content: [
            { type: 'input_image', image_url: 'https://h/i.png', detail: 'auto' },
            { type: 'input_image', image_url: 'https://h/j.png', detail: 'low' },
            { type: 'input_audio', input_audio: { data: 'AA' } },
          ],
        },
      ],
    ],
    [{ role: 'assistant', content: null }, [{ role: 'assistant', content: '' }]],
    [
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }],
      },
      [{ type: 'function_call', call_id: 'call_1', name: 'f', arguments: '{"a":1}' }],
    ],
    [
      {
        role: 'assistant',
        content: 'let me see',
        tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'f', arguments: '{}' } }],
      },
      [
        { role: 'assistant', content: 'let me see' },
        { type: 'function_call', call_id: 'call_1', name: 'f', arguments: '{}' },
      ],
    ],
    [
      { role: 'tool', tool_call_id: 'call_1', content: '42' },
      [{ type: 'function_call_output', call_id: 'call_1', output: '42' }],
    ],
  ])('%j becomes %j', (message, items) => {
    expect(build({}, {}, [message])).toEqual({ ...bare, input: [...items, ...input] })
  })

  test('a template is filled, and gets the input where it has no place for the prompt', () => {
    const queryTemplate = { instructions: 'for %m', input: 'say: %p', temperature: 0.7 }
    expect(build({}, { queryTemplate })).toEqual({
      ...bare,
      instructions: 'for m',
      input: 'say: hello',
      temperature: 0.7,
    })
    expect(build({}, { queryTemplate: { store: false } })).toEqual({ ...bare, store: false, input })
  })

  test('a complete body has its gaps filled; one of chat completions is put into the words of this protocol', () => {
    const body = { input: 'x', temperature: 1, stream: false }
    expect(build({ prompt: { kind: 'body', body } }, { chosen: { temperature: 0.5, topP: 0.3 } })).toEqual({
      ...body,
      model: 'm',
      max_output_tokens: 2048,
      top_p: 0.3,
    })
    const messages = [{ role: 'user', content: [{ type: 'text', text: 'x' }] }]
    const chat = { messages, max_tokens: 5, stream_options: { include_usage: true }, user: 'u' }
    const newer = { messages, max_tokens: 5, max_completion_tokens: 6 }
    expect(build({ prompt: { kind: 'body', body: newer } }).max_output_tokens).toBe(6)
    expect(build({ prompt: { kind: 'body', body: chat } })).toEqual({
      ...bare,
      input: [{ role: 'user', content: [{ type: 'input_text', text: 'x' }] }],
      max_output_tokens: 5,
      user: 'u',
    })
  })

  test('messages beside an input stay: they are not ours to understand', () => {
    const body = { input: 'x', messages: [{ role: 'user', content: 'y' }] }
    expect(build({ prompt: { kind: 'body', body } })).toEqual({ ...bare, ...body })
  })

  test('a recorded body is filled with the model and what the user set alone', () => {
    const body = { input: 'x' }
    const prompt: Prompt = { kind: 'body', body, text: JSON.stringify(body) }
    expect(build({ prompt })).toEqual({ input: 'x', model: 'm' })
    expect(build({ prompt }, { chosen: { maxTokens: { min: 3, max: 3 } } })).toEqual({
      input: 'x',
      model: 'm',
      max_output_tokens: 3,
    })
  })

  test('it cannot send token ids', () => {
    expect(openaiResponses.sends).not.toContain('tokens')
    expect(() => build({ prompt: { kind: 'tokens', ids: [1] } })).toThrow(/cannot send prompts of kind tokens/)
  })
})
