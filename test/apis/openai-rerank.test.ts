import { describe, expect, test } from 'vitest'
import { openaiRerank } from '../../src/apis/openai-rerank.ts'
import { completeUrl } from '../../src/arguments/endpoint.ts'
import type { Prompt } from '../../src/model/conversation.ts'
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
  openaiRerank.buildRequest({ prompt, maxTokens: 3 }, [], settings(change))
const rerank: Prompt = { kind: 'rerank', query: 'q', documents: ['a', 'b'] }
const canned = ['This is a test document for reranking.']

describe('the body', () => {
  test.each<[Prompt, object]>([
    [rerank, { query: 'q', documents: ['a', 'b'] }],
    [
      { kind: 'text', text: 'q' },
      { query: 'q', documents: canned },
    ],
    [
      { kind: 'messages', messages: ['q', 'a', 'b'].map(content => ({ role: 'user', content })) },
      { query: 'q', documents: ['a', 'b'] },
    ],
    [
      { kind: 'messages', messages: [{ role: 'user', content: 'q' }] },
      { query: 'q', documents: canned },
    ],
  ])('of %j is %j with the model', (prompt, asked) => {
    expect(JSON.stringify(build(prompt))).toBe(JSON.stringify({ model: 'm', ...asked }))
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
    const extraArgs = { top_n: 1, return_documents: false }
    expect(build(rerank, { chosen, extraArgs })).toEqual({
      model: 'n',
      query: 'q',
      documents: ['a', 'b'],
      ...extraArgs,
    })
  })

  test("a template gives TEI its texts, and a model's own words around query and documents", () => {
    expect(build(rerank, { queryTemplate: { query: '%p', texts: '%d' } })).toEqual({
      model: 'm',
      query: 'q',
      texts: ['a', 'b'],
    })
    const queryTemplate = { query: '<Query>: %p', documents: '<Document>: %d of %m', top_n: 1 }
    expect(build(rerank, { queryTemplate, extraArgs: { top_n: 2 } })).toEqual({
      model: 'm',
      query: '<Query>: q',
      documents: ['<Document>: a of m', '<Document>: b of m'],
      top_n: 2,
    })
    expect(build(rerank, { queryTemplate: { query: 'x %p' } })).toEqual({
      model: 'm',
      query: 'x q',
      documents: ['a', 'b'],
    })
  })

  test('a complete body lacks but a model', () => {
    const body = { query: 'x', texts: ['y'] }
    expect(build({ kind: 'body', body })).toEqual({ model: 'm', ...body })
  })

  test('what is no query is refused', () => {
    expect(() => build({ kind: 'tokens', ids: [1] })).toThrow('cannot send prompts of kind tokens')
    expect(() => build({ kind: 'messages', messages: [] })).toThrow('holds no text')
  })
})

/** The record of an answer with this body. */
const recordOf = async (body: unknown, status = '200 OK') => {
  const answer = plainAnswer(status, 'application/json', typeof body === 'string' ? body : JSON.stringify(body))
  const server = await startRawServer(socket => void socket.write(answer))
  const [record] = await ask(planFor(server.url, { task: 'rerank' }), 1, openaiRerank)
  await server.close()
  if (record === undefined) throw new Error('no record')
  return record
}

const results = [
  { index: 1, relevance_score: 0.98 },
  { index: 0, relevance_score: -0.1 },
]

describe('an answer', () => {
  test.each<[string, unknown, number | undefined]>([
    [
      'Cohere, whose search units are no tokens',
      { id: 'x', results, meta: { api_version: { version: '2' }, billed_units: { search_units: 1 } } },
      undefined,
    ],
    ['Cohere with tokens', { results, meta: { billed_units: { search_units: 1 }, tokens: { input_tokens: 42 } } }, 42],
    ['Jina', { model: 'm', object: 'list', usage: { total_tokens: 38 }, results }, 38],
    ['vLLM', { id: 'rerank-1', model: 'm', usage: { prompt_tokens: 30, total_tokens: 30 }, results }, 30],
    [
      'TEI',
      [
        { index: 0, score: 0.99, text: 'a' },
        { index: 1, score: 0 },
      ],
      undefined,
    ],
    ['Voyage', { object: 'list', data: results, model: 'm', usage: { total_tokens: 26 } }, 26],
    ['SiliconFlow', { id: 'x', results, tokens: { input_tokens: 12, output_tokens: 3 } }, 12],
  ])('of %s is a success', async (_, body, inputTokens) => {
    const record = await recordOf(body)
    expect(record).toMatchObject({ failure: undefined, statusCode: 200, isStream: false, chunkCount: 1 })
    expect([record.inputTokens, record.outputTokens, record.ttftUs]).toEqual([inputTokens, undefined, undefined])
    expect(record.responseJson).toBe(JSON.stringify([body]))
  })

  test.each<[unknown, string, string, string]>([
    [{ results: [] }, '200 OK', 'empty', 'the answer ended without any output'],
    [{ results: [{ index: 0 }] }, '200 OK', 'empty', 'the answer ended without any output'],
    [
      { message: 'invalid request: list of documents must not be empty' },
      '400 B',
      'http_4xx',
      'HTTP 400: invalid request: list of documents must not be empty',
    ],
    [{ detail: 'Invalid API key' }, '401 U', 'http_4xx', 'HTTP 401: Invalid API key'],
    [
      { error: 'model is not a re-ranker model', error_type: 'backend' },
      '424 F',
      'http_4xx',
      'HTTP 424: model is not a re-ranker model',
    ],
    [{ error: { message: 'no such model', code: 404 } }, '404 N', 'http_4xx', 'HTTP 404: no such model'],
    [{ message: 'out of capacity' }, '200 OK', 'inband_error', 'out of capacity'],
  ])('%j with status %s is %s', async (body, status, kind, message) => {
    expect((await recordOf(body, status)).failure).toMatchObject({ kind, message })
  })
})

test('latency is to the end of the body, not to its head or first piece', async () => {
  const body = JSON.stringify({ results })
  const server = await startRawServer(async socket => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n')
    await pause(60)
    socket.write(httpChunk(body.slice(0, 20)))
    await pause(60)
    socket.write(httpChunk(body.slice(20)) + lastChunk)
  })
  const [record] = await ask(planFor(server.url, { task: 'rerank' }), 1, openaiRerank)
  await server.close()
  const latencyMs = ((record?.endUs ?? 0) - (record?.sentUs ?? 0)) / 1000
  expect(record?.failure).toBeUndefined()
  expect(latencyMs).toBeGreaterThan(115)
})

test('URLs with an ending of its own stay, llama.cpp’s /reranking too', () => {
  for (const path of ['v1/rerank', 'v2/rerank', 'v1/reranks', 'reranking']) {
    expect(completeUrl(`http://h/${path}`, openaiRerank.endpoints)).toBe(`http://h/${path}`)
  }
  expect(completeUrl('http://h', openaiRerank.endpoints)).toBe('http://h/v1/rerank')
})
