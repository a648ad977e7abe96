import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SimulatedServer } from '../../src/server/simulated.ts'
import { startSimulatedServer } from '../../src/server/simulated.ts'
import type { Tokenizer } from '../../src/tokenizers/tokenizer.ts'
import { ask, eventsOf, fastKnobs } from './client.ts'

const chat = { model: 'm', messages: [{ role: 'user', content: 'hello you' }] }
const text = { model: 'm', prompt: 'hello you' }

describe('the wire of the simulated server', () => {
  let server: SimulatedServer
  beforeAll(async () => {
    server = await startSimulatedServer({ knobs: { ...fastKnobs, modelId: 'mini', outputTokens: 8, outputSpread: 0 } })
  })
  afterAll(() => server.close())

  test('a chat stream is a role chunk, one chunk a token, a finish chunk, usage and [DONE]', async () => {
    const answer = await ask(server, '/v1/chat/completions', {
      ...chat,
      stream: true,
      max_tokens: 3,
      stream_options: { include_usage: true },
    })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    const events = eventsOf(answer.text)
    expect(events.at(-1)).toBe('[DONE]')
    const chunks = events.slice(0, -1)
    expect(chunks.map(chunk => chunk.choices)).toEqual([
      [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }],
      [{ index: 0, delta: { content: ' one' }, finish_reason: null }],
      [{ index: 0, delta: { content: ' token' }, finish_reason: null }],
      [{ index: 0, delta: { content: ' is' }, finish_reason: null }],
      [{ index: 0, delta: {}, finish_reason: 'length' }],
      [],
    ])
    expect(chunks.at(-1).usage).toEqual({ prompt_tokens: 3, completion_tokens: 3, total_tokens: 6 })
    expect(chunks.filter(chunk => 'usage' in chunk)).toHaveLength(1)
    for (const chunk of chunks) {
      expect(chunk).toMatchObject({ id: chunks[0].id, object: 'chat.completion.chunk', model: 'm' })
      expect(Math.abs(chunk.created - Date.now() / 1000)).toBeLessThan(60)
    }
  })

  test('a text stream has no role chunk, and no usage unless it is asked for', async () => {
    const { text: body } = await ask(server, '/v1/completions', { ...text, stream: true })
    const chunks = eventsOf(body).slice(0, -1)
    expect(chunks.map(chunk => chunk.choices[0].text).join('')).toBe(' one token is one word and one word')
    expect(chunks.map(chunk => chunk.choices[0].finish_reason)).toEqual([...Array(8).fill(null), 'stop'])
    expect(chunks.some(chunk => 'usage' in chunk)).toBe(false)
    expect(chunks[0].object).toBe('text_completion')
  })

  test('an answer in one piece carries text, finish reason and usage', async () => {
    const chatAnswer = await ask(server, '/v1/chat/completions', { ...chat, max_tokens: 2 })
    expect(chatAnswer.headers.get('content-type')).toBe('application/json')
    expect(chatAnswer.json).toMatchObject({
      object: 'chat.completion',
      choices: [{ index: 0, message: { role: 'assistant', content: ' one token' }, finish_reason: 'length' }],
      usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
    })
    const textAnswer = await ask(server, '/v1/completions', { ...text, max_tokens: 2 })
    expect(textAnswer.json).toMatchObject({
      object: 'text_completion',
      choices: [{ index: 0, text: ' one token', finish_reason: 'length' }],
      usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
    })
  })

  test.each([
    // bounds                                          tokens, finish reason (8 where nothing bounds it)
    [{}, 8, 'stop'],
    [{ max_tokens: 20 }, 8, 'stop'],
    [{ max_tokens: 8 }, 8, 'length'],
    [{ max_tokens: 5 }, 5, 'length'],
    [{ max_completion_tokens: 5 }, 5, 'length'],
    [{ min_tokens: 12 }, 12, 'stop'],
    [{ min_tokens: 12, max_tokens: 12 }, 12, 'length'],
    [{ min_tokens: 12, max_tokens: 15 }, 12, 'stop'],
    [{ ignore_eos: true, max_tokens: 15 }, 15, 'length'],
    [{ max_tokens: null, min_tokens: null }, 8, 'stop'],
  ])('%j gives %i tokens and finish reason %s', async (bounds, tokens, reason) => {
    const { json } = await ask(server, '/v1/chat/completions', { ...chat, ...bounds })
    expect([json.usage.completion_tokens, json.choices[0].finish_reason]).toEqual([tokens, reason])
    const { text: body } = await ask(server, '/v1/completions', { ...text, ...bounds, stream: true })
    expect(eventsOf(body)).toHaveLength(tokens + 2)
  })

  test.each([
    // prompt                                          tokens without a tokenizer
    ['/v1/completions', { prompt: 'abcdefgh' }, 2],
    ['/v1/completions', { prompt: 'abcdefghi' }, 3],
    ['/v1/completions', { prompt: '你好' }, 2], // six bytes
    ['/v1/completions', { prompt: ['abcdefgh'] }, 2],
    ['/v1/completions', { prompt: [7, 8, 9] }, 3],
    ['/v1/completions', { prompt: [[7, 8, 9]] }, 3],
    ['/v1/chat/completions', { messages: [{ role: 'user', content: 'abcdefgh' }] }, 2],
    ['/v1/chat/completions', { messages: [{ role: 'user', content: [{ type: 'text', text: 'abcdefgh' }] }] }, 2],
    ['/v1/chat/completions', { messages: [{ role: 'user', content: [{ type: 'image_url' }] }] }, 0],
    ['/v1/chat/completions', { messages: ['abcd', 'efg'].map(content => ({ role: 'user', content })) }, 2],
  ])('%s with %j has %i prompt tokens', async (path, prompt, tokens) => {
    const { json } = await ask(server, path, { model: 'm', max_tokens: 1, ...prompt })
    expect(json.usage.prompt_tokens).toBe(tokens)
  })

  test.each([
    // path, body, the field at fault, message
    ['/v1/chat/completions', '{', null, /^the body is not JSON: /],
    ['/v1/chat/completions', '[]', null, /must be a JSON object/],
    ['/v1/chat/completions', { messages: chat.messages }, 'model', /model must be a name/],
    ['/v1/chat/completions', { model: 'm' }, 'messages', /messages must be an array/],
    ['/v1/chat/completions', { model: 'm', messages: ['hi'] }, 'messages', /object with a role/],
    ['/v1/completions', { model: 'm' }, 'prompt', /one string or one array of token ids/],
    ['/v1/completions', { model: 'm', prompt: ['a', 'b'] }, 'prompt', /one string or one array of token ids/],
    ['/v1/completions', { ...text, max_tokens: 0 }, 'max_tokens', /whole number from 1, got 0/],
    ['/v1/completions', { ...text, max_tokens: '5' }, 'max_tokens', /whole number from 1, got "5"/],
    [
      '/v1/completions',
      { ...text, min_tokens: 6, max_tokens: 5 },
      'min_tokens',
      /min_tokens \(6\) must not exceed max_tokens \(5\)/,
    ],
  ])('%s refuses %j with 400', async (path, body, param, message) => {
    const { status, json } = await ask(server, path, body)
    expect(status).toBe(400)
    expect(json.error).toEqual({
      message: expect.stringMatching(message),
      type: 'invalid_request_error',
      param,
      code: 400,
    })
  })

  test.each([
    ['GET', '/v1/chat/completions', 405, 'POST'],
    ['PUT', '/v1/completions', 405, 'POST'],
    ['POST', '/v1/models', 405, 'GET'],
    ['GET', '/', 404, null],
    ['POST', '/v1/images', 404, null],
    ['GET', '/truth/unheard-of', 404, null],
    ['GET', '/truth/%ff', 400, null],
  ])('%s %s is answered %i', async (method, path, status, allow) => {
    const response = await fetch(server.url + path, { method })
    expect([response.status, response.headers.get('allow')]).toEqual([status, allow])
    expect(await response.json()).toMatchObject({ error: { message: expect.any(String), code: status } })
  })

  test('a query string does not hide the path', async () => {
    expect((await ask(server, '/v1/completions?api-version=1', { ...text, max_tokens: 1 })).status).toBe(200)
  })

  test('GET /v1/models lists the one model', async () => {
    const list = await (await fetch(`${server.url}/v1/models`)).json()
    expect(list).toMatchObject({ object: 'list', data: [{ id: 'mini', object: 'model' }] })
  })

  test('names that are not ASCII come back whole', async () => {
    const model = '模型 "é" <word> 🦊'
    const { text: body } = await ask(server, '/v1/chat/completions', { ...chat, model, stream: true, max_tokens: 2 })
    const chunks = eventsOf(body).slice(0, -1)
    expect(chunks.map(chunk => chunk.model)).toEqual(Array(4).fill(model))
    expect(chunks[2].choices[0].delta.content).toBe(' token')
  })
})

describe('prompt tokens with a tokenizer', () => {
  /** One id a character; the chat template adds two marks a message. */
  const tokenizer: Tokenizer = {
    hasChatTemplate: true,
    encode: source => Array.from(source, () => 1),
    decode: () => '',
    encodeChat: messages => messages.flatMap(({ content }) => [0, ...Array.from(content as string, () => 1), 0]),
    ordinaryIds: () => [1],
  }

  const withImage = [
    { type: 'text', text: 'hello' },
    { type: 'image_url', image_url: { url: 'data:image/png;base64,AA' } },
  ]

  test.each([
    [{ ...tokenizer, hasChatTemplate: true }, '/v1/chat/completions', chat, 11],
    [{ ...tokenizer, hasChatTemplate: false }, '/v1/chat/completions', chat, 9],
    [tokenizer, '/v1/chat/completions', { ...chat, messages: [{ role: 'user', content: withImage }] }, 7],
    [tokenizer, '/v1/completions', text, 9],
    [tokenizer, '/v1/completions', { model: 'm', prompt: [5, 6] }, 2],
  ])('are what it says, in its chat template where it has one (%#)', async (given, path, body, tokens) => {
    const server = await startSimulatedServer({ knobs: fastKnobs, tokenizer: given })
    const { json } = await ask(server, path, { ...body, max_tokens: 1 })
    await server.close()
    expect(json.usage.prompt_tokens).toBe(tokens)
  })

  test('that the chat template refuses are a 400, not a crash', async () => {
    const broken: Tokenizer = {
      ...tokenizer,
      encodeChat: () => {
        throw new Error('roles must alternate')
      },
    }
    const server = await startSimulatedServer({ knobs: fastKnobs, tokenizer: broken })
    const { status, json } = await ask(server, '/v1/chat/completions', chat)
    await server.close()
    expect([status, json.error.message]).toEqual([400, expect.stringContaining('roles must alternate')])
  })
})
