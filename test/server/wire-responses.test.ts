import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SimulatedServer } from '../../src/server/simulated.ts'
import { startSimulatedServer } from '../../src/server/simulated.ts'
import type { Tokenizer } from '../../src/tokenizers/tokenizer.ts'
import { ask, fastKnobs, namedEventsOf } from './client.ts'

const path = '/v1/responses'
const hello = { model: 'm', input: 'hello you' }
const usageOf = (input: number, output: number): object => ({
  input_tokens: input,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: output,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: input + output,
})

describe('the Responses API of the simulated server', () => {
  let server: SimulatedServer
  beforeAll(async () => {
    server = await startSimulatedServer({ knobs: { ...fastKnobs, outputTokens: 8, outputSpread: 0 } })
  })
  afterAll(() => server.close())

  test('a stream is the response begun, one delta a token, each part ended, and the whole response', async () => {
    const answer = await ask(server, path, { ...hello, stream: true, max_output_tokens: 3 }, 'one')
    expect(answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    const events = namedEventsOf(answer.text)
    expect(events.map(([name]) => name)).toEqual([
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.content_part.added',
      ...Array(3).fill('response.output_text.delta'),
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.incomplete',
    ])
    expect(events.map(([, { sequence_number: number }]) => number)).toEqual(events.map((_, index) => index))
    for (const [name, payload] of events) expect(payload.type).toBe(name)
    const deltas = events.filter(([name]) => name === 'response.output_text.delta')
    expect(deltas.map(([, payload]) => payload)).toEqual(
      [' one', ' token', ' is'].map((delta, index) => ({
        type: 'response.output_text.delta',
        item_id: 'msg_one',
        output_index: 0,
        content_index: 0,
        logprobs: [],
        delta,
        sequence_number: 4 + index,
      })),
    )
    expect(events[0]?.[1].response).toMatchObject({ id: 'resp_one', status: 'in_progress', output: [], usage: null })
    expect(events.at(-1)?.[1].response).toMatchObject({
      id: 'resp_one',
      object: 'response',
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
      output: [{ id: 'msg_one', status: 'incomplete', content: [{ type: 'output_text', text: ' one token is' }] }],
      usage: usageOf(3, 3),
    })
  })

  test('an answer in one piece is the response alone', async () => {
    const { json, headers } = await ask(server, path, hello)
    expect(headers.get('content-type')).toBe('application/json')
    expect(json).toMatchObject({
      object: 'response',
      status: 'completed',
      error: null,
      incomplete_details: null,
      model: 'm',
      output: [
        {
          type: 'message',
          role: 'assistant',
          content: [{ type: 'output_text', text: ' one token is one word and one word' }],
        },
      ],
      usage: usageOf(3, 8),
    })
  })

  test.each([
    // bounds                                          tokens, status, name of the last event
    [{}, 8, 'completed'],
    [{ max_output_tokens: 20 }, 8, 'completed'],
    [{ max_output_tokens: 5 }, 5, 'incomplete'],
    [{ max_tokens: 5 }, 8, 'completed'], // that is chat's
    [{ min_tokens: 12 }, 12, 'completed'],
    [{ min_tokens: 12, max_output_tokens: 12 }, 12, 'incomplete'],
    [{ ignore_eos: true, max_output_tokens: 15 }, 15, 'incomplete'],
  ])('%j gives %i tokens and a response that is %s', async (bounds, tokens, status) => {
    const { json } = await ask(server, path, { ...hello, ...bounds })
    expect([json.usage.output_tokens, json.status]).toEqual([tokens, status])
    const { text } = await ask(server, path, { ...hello, ...bounds, stream: true })
    const names = namedEventsOf(text).map(([name]) => name)
    expect(names.filter(name => name.endsWith('output_text.delta'))).toHaveLength(tokens)
    expect(names.at(-1)).toBe(`response.${status}`)
  })

  test.each([
    // input                                           tokens: four bytes each
    [{ input: 'abcdefgh' }, 2],
    [{ input: 'abcdefgh', instructions: 'abcdefg' }, 4],
    [{ input: [{ role: 'user', content: 'abcdefgh' }] }, 2],
    [{ input: [{ role: 'user', content: [{ type: 'input_text', text: 'abcdefgh' }] }] }, 2],
    [{ input: [{ role: 'user', content: [{ type: 'input_image', image_url: 'data:…' }] }] }, 0],
    [
      {
        input: [
          { role: 'user', content: 'abc' },
          { type: 'reasoning', summary: [] },
          { type: 'function_call', call_id: 'c', name: 'f', arguments: '{"a":1}' },
          { type: 'function_call_output', call_id: 'c', output: 'abc' },
        ],
      },
      4,
    ],
  ])('%j is counted whole', async (input, tokens) => {
    const { json } = await ask(server, path, { model: 'm', max_output_tokens: 1, ...input })
    expect(json.usage.input_tokens).toBe(tokens)
  })

  test.each([
    [{ input: 'hi' }, 'model', /model must be a name/],
    [{ model: 'm' }, 'input', /input must be a text or an array/],
    [{ model: 'm', input: [] }, 'input', /input must be a text or an array/],
    [{ model: 'm', messages: [{ role: 'user', content: 'hi' }] }, 'input', /input must be a text or an array/],
    [{ model: 'm', input: ['hi'] }, 'input', /every item of the input must be/],
    [{ ...hello, max_output_tokens: 0 }, 'max_output_tokens', /max_output_tokens must be a whole number from 1/],
  ])('%j is refused with 400', async (body, param, message) => {
    const { status, json } = await ask(server, path, body)
    expect(status).toBe(400)
    expect(json.error).toMatchObject({ message: expect.stringMatching(message), type: 'invalid_request_error', param })
  })

  test('names that are not ASCII, or look like our own marks, come back whole', async () => {
    const model = '模型 "é" <word> 🦊'
    const { text } = await ask(server, path, { ...hello, model, stream: true, max_output_tokens: 2 }, 'é<word>"')
    const events = namedEventsOf(text)
    expect(events[0]?.[1].response.model).toBe(model)
    expect(events[5]?.[1]).toMatchObject({ item_id: 'msg_é<word>"', delta: ' token' })
  })
})

test('a stream that fails midway ends with the failed response, an answer in one piece with status 500', async () => {
  const server = await startSimulatedServer({ knobs: { ...fastKnobs, errorRate: 1, seed: 3 } })
  const streams = await Promise.all(Array.from({ length: 8 }, () => ask(server, path, { ...hello, stream: true })))
  const { status, json } = await ask(server, path, hello)
  await server.close()
  const failed = streams.filter(each => each.status === 200)
  expect(failed.length).toBeGreaterThan(0)
  for (const { text } of failed) {
    const events = namedEventsOf(text)
    expect(events.map(([, payload]) => payload.sequence_number)).toEqual(events.map((_, index) => index))
    expect(events.at(-1)).toMatchObject([
      'response.failed',
      { response: { status: 'failed', error: { code: 'server_error', message: 'simulated failure midway' } } },
    ])
  }
  expect([status, json.error.message]).toEqual([500, 'simulated failure'])
})

test('items of one speaker become one message of the chat template', async () => {
  const seen: string[] = []
  const tokenizer: Tokenizer = {
    hasChatTemplate: true,
    encode: () => [],
    decode: () => '',
    encodeChat: messages => {
      seen.push(messages.map(({ role, content }) => `${role}: ${content}`).join(' | '))
      return [1, 2, 3]
    },
    ordinaryIds: () => [1],
  }
  const server = await startSimulatedServer({ knobs: fastKnobs, tokenizer })
  const input = [
    { role: 'user', content: 'a' },
    { role: 'assistant', content: [{ type: 'output_text', text: 'b' }] },
    { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' },
    { type: 'function_call_output', call_id: 'c', output: 'd' },
  ]
  const { json } = await ask(server, path, { model: 'm', input, instructions: 's' })
  await server.close()
  expect(seen).toEqual(['system: s | user: a | assistant: b\n{} | tool: d'])
  expect(json.usage.input_tokens).toBe(3)
})
