import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SimulatedServer } from '../../src/server/simulated.ts'
import { startSimulatedServer } from '../../src/server/simulated.ts'
import { ask, fastKnobs, namedEventsOf } from './client.ts'

const path = '/v1/messages'
const version = { 'anthropic-version': '2023-06-01' }
const hello = { model: 'm', max_tokens: 20, messages: [{ role: 'user', content: 'hello you' }] }
const usageOf = (input: number, output: number): object => ({
  input_tokens: input,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
  output_tokens: output,
})

describe('the Messages API of the simulated server', () => {
  let server: SimulatedServer
  beforeAll(async () => {
    server = await startSimulatedServer({ knobs: { ...fastKnobs, outputTokens: 8, outputSpread: 0 } })
  })
  afterAll(() => server.close())

  test('a stream is the message begun, one delta a token, the stop reason with the usage, and the end', async () => {
    const body = { ...hello, stream: true, max_tokens: 3 }
    const { text, headers } = await ask(server, path, body, 'one', version)
    expect(headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    const events = namedEventsOf(text)
    for (const [name, payload] of events) expect(payload.type).toBe(name)
    const message = { id: 'msg_one', type: 'message', role: 'assistant', model: 'm', content: [] }
    expect(events.map(([, payload]) => payload)).toEqual([
      {
        type: 'message_start',
        message: { ...message, stop_reason: null, stop_sequence: null, usage: usageOf(3, 1) },
      },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'ping' },
      ...[' one', ' token', ' is'].map(word => ({
        type: 'content_block_delta',
        index: 0,
        delta: { type: 'text_delta', text: word },
      })),
      { type: 'content_block_stop', index: 0 },
      {
        type: 'message_delta',
        delta: { stop_reason: 'max_tokens', stop_sequence: null },
        usage: { output_tokens: 3 },
      },
      { type: 'message_stop' },
    ])
  })

  test('an answer in one piece is the message', async () => {
    const { json, headers } = await ask(server, path, hello, 'two', version)
    expect(headers.get('content-type')).toBe('application/json')
    expect(json).toEqual({
      id: 'msg_two',
      type: 'message',
      role: 'assistant',
      model: 'm',
      content: [{ type: 'text', text: ' one token is one word and one word' }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage: usageOf(3, 8),
    })
  })

  test.each([
    // bounds                                          tokens, stop reason
    [{}, 8, 'end_turn'],
    [{ max_tokens: 5 }, 5, 'max_tokens'],
    [{ min_tokens: 12 }, 12, 'end_turn'],
    [{ min_tokens: 12, max_tokens: 12 }, 12, 'max_tokens'],
    [{ ignore_eos: true, max_tokens: 15 }, 15, 'max_tokens'],
  ])('%j gives %i tokens and stop reason %s', async (bounds, tokens, reason) => {
    const { json } = await ask(server, path, { ...hello, ...bounds }, undefined, version)
    expect([json.usage.output_tokens, json.stop_reason]).toEqual([tokens, reason])
    const { text } = await ask(server, path, { ...hello, ...bounds, stream: true }, undefined, version)
    const names = namedEventsOf(text).map(([name]) => name)
    expect(names.filter(name => name === 'content_block_delta')).toHaveLength(tokens)
  })

  test.each([
    // prompt                                          tokens: four bytes each
    [{}, 3],
    [{ system: 'abcdefg' }, 5],
    [{ system: [{ type: 'text', text: 'abcdefg' }] }, 5],
    [{ messages: [{ role: 'user', content: [{ type: 'text', text: 'abcdefgh' }] }] }, 2],
    [
      { messages: [{ role: 'user', content: [{ type: 'image', source: { type: 'url', url: 'https://h/i.png' } }] }] },
      0,
    ],
    [
      {
        messages: [
          { role: 'user', content: 'abc' },
          { role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'f', input: { a: 1 } }] },
          { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't', content: 'abc' }] },
        ],
      },
      4,
    ],
  ])('%j is counted whole', async (prompt, tokens) => {
    const { json } = await ask(server, path, { ...hello, ...prompt }, undefined, version)
    expect(json.usage.input_tokens).toBe(tokens)
  })

  test.each([
    [hello, {}, /anthropic-version: header is required/],
    [{ ...hello, model: undefined }, version, /model must be a name/],
    [{ ...hello, max_tokens: undefined }, version, /max_tokens: Field required/],
    [{ ...hello, max_tokens: 0 }, version, /max_tokens must be a whole number from 1, got 0/],
    [{ ...hello, messages: [] }, version, /at least one message/],
    [{ ...hello, messages: [{ role: 'system', content: 'be' }] }, version, /^messages\.0\.role: .* got "system"/],
    ['{', version, /the body is not JSON/],
  ])('%j is refused with 400 in its own shape', async (body, headers, message) => {
    const { status, json } = await ask(server, path, body, undefined, headers)
    expect(status).toBe(400)
    expect(json).toEqual({
      type: 'error',
      error: { type: 'invalid_request_error', message: expect.stringMatching(message) },
    })
  })
})

test('a stream that fails midway ends with an error event, an answer in one piece with status 500', async () => {
  const server = await startSimulatedServer({ knobs: { ...fastKnobs, errorRate: 1, seed: 3 } })
  const asked = { ...hello, stream: true }
  const streams = await Promise.all(Array.from({ length: 8 }, () => ask(server, path, asked, undefined, version)))
  const { status, json } = await ask(server, path, hello, undefined, version)
  await server.close()
  const failed = streams.filter(each => each.status === 200)
  expect(failed.length).toBeGreaterThan(0)
  for (const { text } of failed) {
    expect(namedEventsOf(text).at(-1)).toEqual([
      'error',
      { type: 'error', error: { type: 'api_error', message: 'simulated failure midway' } },
    ])
  }
  expect([status, json]).toEqual([500, { type: 'error', error: { type: 'api_error', message: 'simulated failure' } }])
})
