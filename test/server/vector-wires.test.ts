import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type SimulatedServer, startSimulatedServer } from '../../src/server/simulated.ts'
import { loadTokenizer } from '../../src/tokenizers/index.ts'
import { wordsTokenizerPath } from '../tokenizers/paths.ts'
import { ask, fastKnobs, truthOf } from './client.ts'

let server: SimulatedServer
beforeAll(async () => {
  server = await startSimulatedServer({ knobs: fastKnobs })
})
afterAll(() => server.close())

describe('embeddings', () => {
  const embed = (body: object, requestId?: string) => ask(server, '/v1/embeddings', { model: 'm', ...body }, requestId)

  test('every text has one vector of length 1, the same each time', async () => {
    const { json, headers } = await embed({ input: ['hello you', 'hello me'] }, 'two')
    expect(headers.get('content-type')).toBe('application/json')
    expect(json).toEqual({
      object: 'list',
      data: [0, 1].map(index => ({ object: 'embedding', index, embedding: expect.any(Array) })),
      model: 'm',
      usage: { prompt_tokens: 5, total_tokens: 5 },
    })
    const [first, second] = json.data.map(({ embedding }: { embedding: number[] }) => embedding)
    expect(first).toHaveLength(8)
    expect(Math.hypot(...first)).toBeCloseTo(1, 6)
    expect(first).not.toEqual(second)
    expect((await embed({ input: 'hello you' })).json.data).toEqual([
      { object: 'embedding', index: 0, embedding: first },
    ])
    expect(await truthOf(server, 'two')).toMatchObject({ promptTokens: 5, outputTokens: 1, outcome: 'done' })
  })

  test('token ids are one input, or each list of them is', async () => {
    const one = await embed({ input: [1, 2, 3] })
    expect(one.json.usage).toEqual({ prompt_tokens: 3, total_tokens: 3 })
    const several = await embed({ input: [[1, 2, 3], [4], 'hello you'] })
    expect(several.json.usage).toEqual({ prompt_tokens: 7, total_tokens: 7 })
    expect(several.json.data[0]).toEqual(one.json.data[0])
    expect(several.json.data).toHaveLength(3)
  })

  test('base64 holds the same numbers', async () => {
    const input = 'hello'
    const [numbers, text] = await Promise.all(
      ['float', 'base64'].map(async encoding_format => {
        const { json } = await embed({ input, encoding_format, dimensions: 3 })
        return json.data[0].embedding
      }),
    )
    const bytes = Buffer.from(text, 'base64')
    expect([0, 4, 8].map(offset => bytes.readFloatLE(offset))).toEqual(numbers)
    expect(bytes).toHaveLength(12)
  })

  const kinds = 'input must be a text, an array of token ids, or an array of either, none of them empty'
  test.each([
    [{}, kinds, 'input'],
    [{ input: [] }, kinds, 'input'],
    [{ input: '' }, kinds, 'input'],
    [{ input: ['a', ''] }, kinds, 'input'],
    [{ input: [1.5] }, kinds, 'input'],
    [{ input: 'a', dimensions: 0 }, 'dimensions must be a whole number from 1, got 0', 'dimensions'],
    [{ input: 'a', dimensions: 5000 }, 'dimensions must not exceed 4096, got 5000', 'dimensions'],
    [{ input: 'a', encoding_format: 'int8' }, 'encoding_format must be float or base64, got "int8"', 'encoding_format'],
    [{ input: 'a', model: '' }, 'model must be a name', 'model'],
  ])('%j is refused', async (body, message, param) => {
    const { status, json } = await embed(body)
    expect(status).toBe(400)
    expect(json).toEqual({ error: { message, type: 'invalid_request_error', param, code: 400 } })
  })
})

describe('rerankers', () => {
  // In tokens of four bytes: 1 with 2, 1 and 3.
  const asked = { model: 'm', query: 'why?', documents: ['because', 'so', 'who knows?'] }
  const orderOf = (results: { index: number }[]) => results.map(({ index }) => index)

  test.each(['/v1/rerank', '/v1/reranks', '/rerank'])(
    '%s gives an order, best first, and the tokens of all pairs',
    async path => {
      const { json } = await ask(server, path, asked, 'r')
      expect(json).toMatchObject({ id: 'rerank-r', model: 'm', usage: { prompt_tokens: 9, total_tokens: 9 } })
      expect(orderOf(json.results).sort()).toEqual([0, 1, 2])
      const scores = json.results.map((result: { relevance_score: number }) => result.relevance_score)
      expect(scores).toEqual([...scores].sort((a, b) => b - a))
      expect(Object.keys(json.results[0])).toEqual(['index', 'relevance_score'])
      expect((await ask(server, path, asked, 'r')).json).toEqual(json)
    },
  )

  test('top_n cuts the order, return_documents tells what was ranked', async () => {
    const { json: whole } = await ask(server, '/rerank', asked)
    const { json } = await ask(server, '/rerank', { ...asked, top_n: 2, return_documents: true })
    expect(orderOf(json.results)).toEqual(orderOf(whole.results).slice(0, 2))
    const [best] = json.results
    expect(best.document).toEqual({ text: asked.documents[best.index] })
    expect(json.usage).toEqual(whole.usage)
  })

  test('/v2/rerank speaks as Cohere: searches are billed, tokens are not told', async () => {
    const { json } = await ask(server, '/v2/rerank', { ...asked, top_n: 1 }, 'r')
    expect(json).toEqual({
      id: 'r',
      results: [{ index: expect.any(Number), relevance_score: expect.any(Number) }],
      meta: { api_version: { version: '2' }, billed_units: { search_units: 1 } },
    })
    const many = { ...asked, documents: Array.from({ length: 101 }, String) }
    expect((await ask(server, '/v2/rerank', many)).json.meta.billed_units).toEqual({ search_units: 2 })
    const refused = await ask(server, '/v2/rerank', { ...asked, query: 1 })
    expect([refused.status, refused.json]).toEqual([400, { message: 'query must be a text' }])
  })

  test('a request with texts is TEI’s: a bare array', async () => {
    const { json } = await ask(server, '/rerank', { query: asked.query, texts: asked.documents, return_text: true })
    expect(orderOf(json).sort()).toEqual([0, 1, 2])
    expect(json[0]).toEqual({ index: json[0].index, text: asked.documents[json[0].index], score: expect.any(Number) })
    const { json: short } = await ask(server, '/rerank', { query: asked.query, texts: asked.documents })
    expect(Object.keys(short[0])).toEqual(['index', 'score'])
  })

  test.each([
    [{ query: 'a' }, 'documents must be an array with at least one text', 'documents'],
    [{ query: 'a', documents: [] }, 'documents must be an array with at least one text', 'documents'],
    [{ query: 'a', documents: [{ text: 'b' }] }, 'documents must be an array with at least one text', 'documents'],
    [{ query: 'a', texts: 'b' }, 'texts must be an array with at least one text', 'texts'],
    [{ documents: ['a'] }, 'query must be a text', 'query'],
    [{ query: 'a', documents: ['b'], top_n: 0 }, 'top_n must be a whole number from 1, got 0', 'top_n'],
  ])('%j is refused', async (body, message, param) => {
    const { status, json } = await ask(server, '/v1/rerank', { model: 'm', ...body })
    expect(status).toBe(400)
    expect(json.error).toMatchObject({ message, param })
  })
})

test('a tokenizer counts, where there is one; prefill lasts as long as its tokens', async () => {
  const tokenizer = await loadTokenizer(wordsTokenizerPath)
  const knobs = { ...fastKnobs, prefillBaseMs: 20, prefillTokensPerSec: 100 }
  const counting = await startSimulatedServer({ knobs, tokenizer })
  const { json } = await ask(counting, '/v1/embeddings', { model: 'm', input: ['the old cat', 'a house'] }, 'slow')
  const truth = await truthOf(counting, 'slow')
  await counting.close()
  expect(json.usage).toEqual({ prompt_tokens: 5, total_tokens: 5 })
  // 20 ms and 10 for each token.
  expect((truth.scheduledMs[0] ?? 0) - truth.receivedMs).toBeCloseTo(70, 6)
})
