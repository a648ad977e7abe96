import { describe, expect, test } from 'vitest'
import { openaiEmbedding } from '../../src/apis/openai-embedding.ts'
import type { Prompt } from '../../src/model/conversation.ts'
import type { JsonObject } from '../../src/model/json.ts'
import type { RequestSettings } from '../../src/model/run-plan.ts'
import { ask, planFor } from '../support/ask.ts'
import { httpChunk, lastChunk, pause, plainAnswer, startRawServer } from '../support/raw-server.ts'

const settings = (change: Partial<RequestSettings> = {}): RequestSettings => ({
  chosen: {},
  defaults: { model: 'm', maxTokens: { min: 2048, max: 2048 }, stream: true, temperature: 0 },
  extraArgs: {},
  queryTemplate: undefined,
  ...change,
})
const build = (prompt: Prompt, change?: Partial<RequestSettings>) =>
  openaiEmbedding.buildRequest({ prompt, maxTokens: 3 }, [], settings(change))
const text: Prompt = { kind: 'text', text: 'hi' }
const inputs: Prompt = { kind: 'inputs', inputs: ['a', 'b'] }

describe('the body', () => {
  test.each<[Prompt, unknown]>([
    [text, 'hi'],
    [inputs, ['a', 'b']],
    [{ kind: 'inputs', inputs: ['only'] }, 'only'],
    [{ kind: 'tokens', ids: [1, 2] }, [1, 2]],
    [{ kind: 'messages', messages: [{ role: 'user', content: 'hi' }] }, 'hi'],
    [
      {
        kind: 'messages',
        messages: [
          { role: 'system', content: 'be brief' },
          { role: 'assistant', content: null },
          { role: 'user', content: [{ type: 'text', text: 'h' }, { type: 'image_url' }, { type: 'text', text: 'i' }] },
        ],
      },
      ['be brief', 'hi'],
    ],
  ])('of %j has the input %j', (prompt, input) => {
    expect(JSON.stringify(build(prompt))).toBe(JSON.stringify({ model: 'm', input }))
  })

  test('has nothing of a full set of flags but the model and the extra arguments', () => {
    const chosen = {
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
    } as const
    const extraArgs = { dimensions: 256, encoding_format: 'base64' }
    expect(build(inputs, { chosen, extraArgs })).toEqual({ model: 'n', input: ['a', 'b'], ...extraArgs })
    expect(build(text, { extraArgs: { model: 'z', input: 'x' } })).toEqual({ model: 'z', input: 'x' })
  })

  test.each<[JsonObject, Prompt, JsonObject]>([
    [{ inputs: '%p' }, inputs, { model: 'm', inputs: ['a', 'b'] }],
    [{ inputs: '%p' }, { kind: 'tokens', ids: [1, 2] }, { model: 'm', inputs: [1, 2] }],
    [{ input: 'query: %p', model: 'x-%m' }, inputs, { model: 'x-m', input: ['query: a', 'query: b'] }],
    [{ input: 'query: %p' }, text, { model: 'm', input: 'query: hi' }],
    [{ input: '%p' }, { kind: 'text', text: '%p of %m $&' }, { model: 'm', input: '%p of %m $&' }],
    [{ input: 'x: %p' }, { kind: 'inputs', inputs: ['%p', '%m'] }, { model: 'm', input: ['x: %p', 'x: %m'] }],
    [{ user: 'me' }, text, { model: 'm', user: 'me', input: 'hi' }],
    [{ deep: [{ p: 'a %p' }] }, text, { model: 'm', deep: [{ p: 'a hi' }] }],
  ])('of the template %j and %j is %j', (queryTemplate, prompt, body) => {
    expect(build(prompt, { queryTemplate })).toEqual(body)
  })

  test("the user's model wins over a template's, extra arguments over both", () => {
    const queryTemplate = { model: 't', input: '%p', user: 'me' }
    expect(build(text, { queryTemplate })).toEqual({ model: 't', input: 'hi', user: 'me' })
    const change = { queryTemplate, chosen: { model: 'n' }, extraArgs: { user: 'you' } }
    expect(build(text, change)).toEqual({ model: 'n', input: 'hi', user: 'you' })
  })

  test('token ids cannot stand within a text', () => {
    const change = { queryTemplate: { input: 'query: %p' } }
    expect(() => build({ kind: 'tokens', ids: [1] }, change)).toThrow(
      '%p in "query: %p" of --query-template is no text; let it stand alone',
    )
  })

  test('a complete body lacks but a model', () => {
    const body = { input: ['x'], dimensions: 2 }
    expect(build({ kind: 'body', body }, { extraArgs: { dimensions: 4 } })).toEqual({
      model: 'm',
      input: ['x'],
      dimensions: 4,
    })
    expect(build({ kind: 'body', body: { ...body, model: 'b' } })).toEqual({ ...body, model: 'b' })
  })

  test('what has no text is refused', () => {
    expect(() => build({ kind: 'messages', messages: [{ role: 'user', content: null }] })).toThrow('holds no text')
    expect(() => build({ kind: 'rerank', query: 'q', documents: ['d'] })).toThrow('cannot send prompts of kind rerank')
  })
})

const plan = (url: string) => planFor(url, { task: 'embed', saveResponses: 'failed' })

/** The record of an answer with this body. */
const recordOf = async (body: unknown, status = '200 OK', type = 'application/json') => {
  const answer = plainAnswer(status, type, typeof body === 'string' ? body : JSON.stringify(body))
  const server = await startRawServer(socket => void socket.write(answer))
  const [record] = await ask(plan(server.url), 1, openaiEmbedding)
  await server.close()
  if (record === undefined) throw new Error('no record')
  return record
}

const vector = { object: 'embedding', index: 0, embedding: [0.25, -1e-3] }

describe('an answer', () => {
  test.each<[string, unknown, number | undefined]>([
    ['OpenAI', { object: 'list', data: [vector], model: 'm', usage: { prompt_tokens: 7, total_tokens: 7 } }, 7],
    ['OpenAI in base64', { data: [{ ...vector, embedding: 'AACAPg==' }], usage: { prompt_tokens: 7 } }, 7],
    ['vLLM', { data: [vector, vector], usage: { prompt_tokens: 9, total_tokens: 9, completion_tokens: 0 } }, 9],
    ['Jina', { data: [vector], usage: { total_tokens: 11 } }, 11],
    [
      'a host that does not count the prompt alone',
      { data: [vector], usage: { prompt_tokens: 0, total_tokens: 4 } },
      4,
    ],
    ['a host that does not count', { data: [vector], usage: { prompt_tokens: 0, total_tokens: 0 } }, undefined],
    [
      "TEI's /embed",
      [
        [0.25, 0.5],
        [1, 2],
      ],
      undefined,
    ],
    ["Ollama's /api/embed", { model: 'm', embeddings: [[0.5]], total_duration: 14143917, prompt_eval_count: 8 }, 8],
    ["Ollama's older /api/embeddings", { embedding: [0.5, 0.25] }, undefined],
    [
      "Cohere's /v2/embed",
      { id: 'x', embeddings: { float: [[0.5]] }, texts: ['a'], meta: { billed_units: { input_tokens: 3 } } },
      3,
    ],
    ["llama.cpp's /embedding", [{ index: 0, embedding: [[0.5, 0.25]] }], undefined],
  ])('of %s is a success', async (_, body, inputTokens) => {
    const record = await recordOf(body)
    expect(record).toMatchObject({ failure: undefined, statusCode: 200, isStream: false, chunkCount: 1 })
    expect(record).toMatchObject({ ttftUs: undefined, firstChunkUs: undefined, gapsUs: [], responseJson: undefined })
    expect([record.inputTokens, record.outputTokens]).toEqual([inputTokens, undefined])
  })

  test.each<[unknown, string, string, string]>([
    [{ data: [] }, '200 OK', 'empty', 'the answer ended without any output'],
    [{ data: [{ embedding: [] }] }, '200 OK', 'empty', 'the answer ended without any output'],
    [[], '200 OK', 'empty', 'the answer ended without any output'],
    [{ hello: 1 }, '200 OK', 'empty', 'the answer ended without any output'],
    ['"text"', '200 OK', 'protocol', 'the answer is not a JSON object: "text"'],
    ['[[0.5, 0.2', '200 OK', 'protocol', 'the answer is not a JSON object: [[0.5, 0.2'],
    [{ error: { message: 'too long', type: 'invalid_request_error' } }, '200 OK', 'inband_error', 'too long'],
    [{ object: 'error', message: 'no such model' }, '200 OK', 'inband_error', 'no such model'],
    [{ code: 20012, message: 'Model does not exist', data: null }, '200 OK', 'inband_error', 'Model does not exist'],
    [{ detail: 'not ready' }, '200 OK', 'inband_error', 'not ready'],
    [{ error: { message: 'bad key' } }, '401 Unauthorized', 'http_4xx', 'HTTP 401: bad key'],
    [{ message: 'invalid api token' }, '401 Unauthorized', 'http_4xx', 'HTTP 401: invalid api token'],
    [{ detail: 'no credits' }, '402 Payment Required', 'http_4xx', 'HTTP 402: no credits'],
    [
      { error: 'Model is overloaded', error_type: 'overloaded' },
      '429 Too Many Requests',
      'http_429',
      'HTTP 429: Model is overloaded',
    ],
    [
      { error: 'Inference failed', error_type: 'backend' },
      '424 Failed Dependency',
      'http_4xx',
      'HTTP 424: Inference failed',
    ],
    [
      'Failed to deserialize: missing field `inputs`',
      '422 U',
      'http_4xx',
      'HTTP 422: Failed to deserialize: missing field `inputs`',
    ],
  ])('%j with status %s is %s', async (body, status, kind, message) => {
    const { failure, responseJson } = await recordOf(body, status)
    expect(failure).toMatchObject({ kind, message })
    // All of it is kept, be it JSON or not.
    const json = body === '"text"' ? 'text' : body
    expect(JSON.parse(responseJson ?? '')).toEqual([json])
  })

  test('has no text that could be kept alone', async () => {
    const answer = plainAnswer('200 OK', 'application/json', JSON.stringify({ data: [vector] }))
    const server = await startRawServer(socket => void socket.write(answer))
    const [record] = await ask(planFor(server.url, { task: 'embed', saveResponses: 'text' }), 1, openaiEmbedding)
    await server.close()
    expect(record).toMatchObject({ failure: undefined, responseJson: undefined })
  })
})

test('latency is to the end of the body, not to its head or first piece', async () => {
  const body = JSON.stringify({ data: [vector], usage: { prompt_tokens: 7 } })
  const server = await startRawServer(async socket => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n')
    await pause(60)
    socket.write(httpChunk(body.slice(0, 20)))
    await pause(60)
    socket.write(httpChunk(body.slice(20)) + lastChunk)
  })
  const [record] = await ask(plan(server.url), 1, openaiEmbedding)
  await server.close()
  expect(record).toMatchObject({ failure: undefined, inputTokens: 7, tokenSource: 'usage' })
  const latencyMs = ((record?.endUs ?? 0) - (record?.sentUs ?? 0)) / 1000
  expect(latencyMs).toBeGreaterThan(115)
})
