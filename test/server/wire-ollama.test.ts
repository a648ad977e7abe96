import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SimulatedServer } from '../../src/server/simulated.ts'
import { startSimulatedServer } from '../../src/server/simulated.ts'
import { ask, fastKnobs, type Payload } from './client.ts'

const messages = [{ role: 'user', content: 'hello you' }]
const chat = { model: 'm <word> 🦊', messages }

const linesOf = (text: string): readonly Payload[] =>
  text
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line))

const counts = (input: number, output: number): object => ({ prompt_eval_count: input, eval_count: output })

describe('Ollama on the simulated server', () => {
  let server: SimulatedServer
  beforeAll(async () => {
    server = await startSimulatedServer({ knobs: { ...fastKnobs, modelId: 'mini', outputTokens: 8, outputSpread: 0 } })
  })
  afterAll(() => server.close())

  test('a chat streams unless it is told not to: one line a token, and a last one with the counts', async () => {
    const { text, headers } = await ask(server, '/api/chat', { ...chat, options: { num_predict: 3 } })
    expect(headers.get('content-type')).toBe('application/x-ndjson')
    const lines = linesOf(text)
    const created = lines[0].created_at
    expect(Math.abs(Date.parse(created) - Date.now())).toBeLessThan(60_000)
    const head = { model: chat.model, created_at: created }
    const said = (content: string): object => ({ ...head, message: { role: 'assistant', content } })
    expect(lines).toEqual([
      { ...said(' one'), done: false },
      { ...said(' token'), done: false },
      { ...said(' is'), done: false },
      { ...said(''), done: true, done_reason: 'length', ...counts(3, 3) },
    ])
  })

  test('a completion has its text in response', async () => {
    const { text } = await ask(server, '/api/generate', { model: 'm', prompt: 'hello you' })
    const lines = linesOf(text)
    expect(lines.map(line => line.response).join('')).toBe(' one token is one word and one word')
    expect(lines.at(-1)).toMatchObject({ response: '', done: true, done_reason: 'stop', ...counts(3, 8) })
  })

  test('an answer in one piece', async () => {
    const body = { ...chat, stream: false, options: { num_predict: 2 } }
    const { json, headers } = await ask(server, '/api/chat', body)
    expect(headers.get('content-type')).toBe('application/json')
    expect(json).toMatchObject({
      message: { role: 'assistant', content: ' one token' },
      done: true,
      done_reason: 'length',
      ...counts(3, 2),
    })
  })

  test('below 0 tokens are not limited', async () => {
    const { json } = await ask(server, '/api/chat', { ...chat, stream: false, options: { num_predict: -1 } })
    expect(json).toMatchObject({ done_reason: 'stop', eval_count: 8 })
  })

  test.each([
    ['/api/chat', { model: 'm' }, /^messages must be an array/],
    ['/api/chat', { model: 'm', messages: [{ role: 'user', content: [{ type: 'text' }] }] }, /must be a string$/],
    ['/api/generate', { prompt: 'hi' }, /^model must be a name$/],
    ['/api/generate', { model: 'm' }, /^prompt must be/],
  ])('%s refuses %j in the form of the protocol', async (path, body, words) => {
    const { status, json } = await ask(server, path, body)
    expect([status, json]).toEqual([400, { error: expect.stringMatching(words) }])
  })

  test('its model and its version are told where Ollama tells them', async () => {
    const tags = await (await fetch(`${server.url}/api/tags`)).json()
    expect(tags).toMatchObject({ models: [{ name: 'mini', model: 'mini' }] })
    const version = await (await fetch(`${server.url}/api/version`)).json()
    expect(version).toEqual({ version: expect.stringMatching(/^\d+\.\d+\.\d+/) })
  })
})

test('failures are errors of Ollama, whole or midway', async () => {
  const server = await startSimulatedServer({ knobs: { ...fastKnobs, errorRate: 1, seed: 3 } })
  const whole = await ask(server, '/api/chat', { ...chat, stream: false })
  expect([whole.status, whole.json]).toEqual([500, { error: 'simulated failure' }])
  const body = { ...chat, options: { num_predict: 4 } }
  let midway = await ask(server, '/api/chat', body)
  for (let tries = 0; midway.status === 500 && tries < 50; tries++) midway = await ask(server, '/api/chat', body)
  await server.close()
  const lines = linesOf(midway.text)
  expect(lines).toHaveLength(3)
  expect(lines.at(-1)).toEqual({ error: 'simulated failure midway' })
})
