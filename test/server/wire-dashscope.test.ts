import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SimulatedServer } from '../../src/server/simulated.ts'
import { startSimulatedServer } from '../../src/server/simulated.ts'
import { ask, fastKnobs, type Payload } from './client.ts'

const path = '/api/v1/services/aigc/text-generation/generation'
const sse = { 'x-dashscope-sse': 'enable' }
const message = { result_format: 'message', incremental_output: true }
const hello = { model: 'm', input: { messages: [{ role: 'user', content: 'hello you' }] }, parameters: message }

interface Event {
  readonly id: string
  readonly name: string
  readonly status: string
  readonly payload: Payload
}

const eventsOf = (text: string): readonly Event[] =>
  text
    .split('\n\n')
    .filter(event => event !== '')
    .map(event => {
      const [, id = '', name = '', status = '', payload = ''] =
        /^id:(\d+)\nevent:(\w+)\n:HTTP_STATUS\/(\d+)\ndata:(.*)$/.exec(event) ?? []
      return { id, name, status, payload: JSON.parse(payload) }
    })

const said = (content: string, output: number, reason = 'null'): object => ({
  output: { choices: [{ message: { role: 'assistant', content }, finish_reason: reason }] },
  usage: { input_tokens: 3, output_tokens: output, total_tokens: 3 + output },
  request_id: 'one',
})

describe('DashScope on the simulated server', () => {
  let server: SimulatedServer
  beforeAll(async () => {
    server = await startSimulatedServer({ knobs: { ...fastKnobs, outputTokens: 8, outputSpread: 0 } })
  })
  afterAll(() => server.close())

  test('a stream is one event a token with the counts up to it, and one with the reason', async () => {
    const body = { ...hello, parameters: { ...message, max_tokens: 3 } }
    const { text, headers } = await ask(server, path, body, 'one', sse)
    expect(headers.get('content-type')).toBe('text/event-stream;charset=UTF-8')
    const events = eventsOf(text)
    expect(events.map(({ id, name, status }) => [id, name, status])).toEqual(
      ['1', '2', '3', '4'].map(id => [id, 'result', '200']),
    )
    expect(events.map(({ payload }) => payload)).toEqual([
      said(' one', 1),
      said(' token', 2),
      said(' is', 3),
      said('', 3, 'length'),
    ])
  })

  test('without increments each event holds all that was said so far', async () => {
    const body = { ...hello, parameters: { ...message, incremental_output: false, max_tokens: 2 } }
    const events = eventsOf((await ask(server, path, body, 'one', sse)).text)
    expect(events.map(({ payload }) => payload)).toEqual([
      said(' one', 1),
      said(' one token', 2),
      said(' one token', 2, 'length'),
    ])
  })

  test('without the header the answer comes in one piece; without a format it is a bare text', async () => {
    const whole = await ask(server, path, { ...hello, parameters: { ...message, max_tokens: 2 } }, 'one')
    expect(whole.headers.get('content-type')).toBe('application/json')
    expect(whole.json).toEqual(said(' one token', 2, 'length'))
    const bare = await ask(server, path, { model: 'm', input: { prompt: 'hello you' } }, 'one')
    expect(bare.json.output).toEqual({ text: ' one token is one word and one word', finish_reason: 'stop' })
  })

  test('models that see are asked at a path of their own', async () => {
    const content = [{ text: 'hello you' }, { image: 'https://h/a.png' }]
    const body = { ...hello, input: { messages: [{ role: 'user', content }] } }
    const { json } = await ask(server, '/api/v1/services/aigc/multimodal-generation/generation', body)
    expect(json.usage).toMatchObject({ input_tokens: 3, output_tokens: 8 })
  })

  test.each([
    [{ input: hello.input }, 'model must be a name'],
    [{ model: 'm', messages: hello.input.messages }, 'input.messages or input.prompt is required'],
    [{ ...hello, parameters: { max_tokens: 0 } }, 'max_tokens must be a whole number from 1, got 0'],
  ])('%j is refused in the form of the protocol', async (body, words) => {
    const { status, json } = await ask(server, path, body)
    expect([status, json]).toEqual([400, { code: 'InvalidParameter', message: words }])
  })
})

test('failures are errors of DashScope, whole or midway', async () => {
  const server = await startSimulatedServer({ knobs: { ...fastKnobs, errorRate: 1, seed: 3 } })
  const whole = await ask(server, path, hello, 'whole')
  expect([whole.status, whole.json]).toEqual([500, { code: 'InternalError', message: 'simulated failure' }])
  const body = { ...hello, parameters: { ...message, max_tokens: 4 } }
  let midway = await ask(server, path, body, 'one', sse)
  for (let tries = 0; midway.status === 500 && tries < 50; tries++) midway = await ask(server, path, body, 'one', sse)
  await server.close()
  expect(eventsOf(midway.text)).toEqual([
    { id: '1', name: 'result', status: '200', payload: said(' one', 1) },
    { id: '2', name: 'result', status: '200', payload: said(' token', 2) },
    {
      id: '3',
      name: 'error',
      status: '500',
      payload: { code: 'InternalError', message: 'simulated failure midway', request_id: 'one' },
    },
  ])
})
