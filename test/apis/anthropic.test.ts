import { describe, expect, test } from 'vitest'
import { anthropic } from '../../src/apis/anthropic.ts'
import { completeUrl, isChatUrl } from '../../src/arguments/endpoint.ts'
import type { Message, Prompt, Turn } from '../../src/model/conversation.ts'
import type { JsonObject } from '../../src/model/json.ts'
import type { RequestSettings, Sampling } from '../../src/model/run-plan.ts'

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
