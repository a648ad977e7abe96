import { describe, expect, test } from 'vitest'
import { openaiEmbedding } from '../../src/apis/openai-embedding.ts'
import { openaiRerank } from '../../src/apis/openai-rerank.ts'
import { Arguments } from '../../src/arguments/arguments.ts'
import type { ArgumentsInput } from '../../src/arguments/arguments-input.ts'
import { ArgumentsError } from '../../src/errors.ts'
import { explainPlacement } from '../../src/plan/task.ts'
import { firstPlan, lines, plans } from './plans.ts'

const api = openaiEmbedding
const batches = { task: 'embed', options: { batch_size: {} } } as const

describe("the original's spelling of a dataset's options", () => {
  const placed = (input: ArgumentsInput, dataset: object = batches) => {
    const { request, dataset: settings } = firstPlan({ api: 'embedding', ...input }, { api, dataset })
    return [request.extraArgs, settings.args]
  }
  const said = (input: ArgumentsInput, dataset: object = batches) =>
    explainPlacement(new Arguments({ url: 'http://h', ...input }).values, dataset)

  test('is taken out of the body', () => {
    const input = { extraArgs: { batch_size: 16, dimensions: 256 } }
    expect(placed(input)).toEqual([{ dimensions: 256 }, { batch_size: 16 }])
    expect(said(input)).toBe(
      'batch_size of --extra-args is an option of the dataset and is not sent; ' +
        'the newer spelling is --dataset-args \'{"batch_size":16}\'',
    )
  })

  test('gives way to the newer one', () => {
    const input = { extraArgs: { batch_size: 16 }, datasetArgs: { batch_size: 2 } }
    expect(placed(input)).toEqual([{}, { batch_size: 2 }])
    expect(said(input)).toContain('\'{"batch_size":2}\'')
  })

  test('of several keys is one line', () => {
    const dataset = { task: 'rerank', options: { num_documents: {}, document_length_ratio: {} } }
    expect(said({ extraArgs: { num_documents: 4, document_length_ratio: 2.5 } }, dataset)).toBe(
      'num_documents, document_length_ratio of --extra-args are options of the dataset and are not sent; ' +
        'the newer spelling is --dataset-args \'{"num_documents":4,"document_length_ratio":2.5}\'',
    )
  })

  test('concerns datasets for embeddings and rerankers alone, and keys that they know', () => {
    const input = { extraArgs: { batch_size: 16 } }
    for (const dataset of [{ options: batches.options }, { task: 'embed' }, {}]) {
      expect(firstPlan(input, { dataset: { ...dataset, task: undefined } as object }).request.extraArgs).toEqual({
        batch_size: 16,
      })
      expect(said(input, { ...dataset, task: undefined } as object)).toBeUndefined()
    }
    expect(JSON.stringify(placed({ extraArgs: '{"toString": 1}' }))).toBe('[{"toString":1},{}]')
  })
})

describe('lone texts for a reranker', () => {
  const rerank = { url: 'http://h/rerank', api: openaiRerank }

  test('are told of in one line', () => {
    const line = (source: string) =>
      `${source} has no documents: each text is a query, ranked against one document of ours`
    expect(lines({ api: 'rerank', number: 1 }, rerank)).toEqual([line('--dataset openqa')])
    expect(lines({ api: 'rerank', number: 1, prompt: 'hi' }, { ...rerank, dataset: { task: 'rerank' } })).toEqual([
      line('--prompt'),
    ])
  })

  test.each([
    [{ api: 'rerank' }, { ...rerank, dataset: { task: 'rerank' as const } }],
    [
      { api: 'rerank', openLoop: true },
      { ...rerank, dataset: { hasArrivals: true } },
    ],
    [{ api: './mine.mjs' }, rerank],
    [{ api: 'embedding' }, { url: 'http://h/embeddings', api }],
  ])('are no matter with %j and %j', (input, facts) => {
    expect(lines({ ...input, number: 1 }, facts)).toEqual([])
  })
})

test('flags that sample are told to be without effect', () => {
  expect(
    lines({ api: 'embedding', number: 1, temperature: 0.5, maxTokens: 5, seed: 3, stream: false }, { api })[1],
  ).toBe(
    "--max-tokens, --temperature are not sent: the protocol of --api embedding lacks them; keys of a server's own go into --extra-args",
  )
})

test.each<[ArgumentsInput]>([[{}], [{ applyChatTemplate: true }]])('conversations are refused, with %j too', input => {
  const dataset = { isMultiTurn: true }
  expect(() => plans({ api: 'embedding', multiTurn: true, ...input }, { api, dataset })).toThrow(
    new ArgumentsError(
      '--multi-turn sends the history as chat messages, which --api embedding does not take; leave one out',
    ),
  )
})

test('datasets of another task are refused', () => {
  expect(() =>
    plans({ api: 'rerank', dataset: 'embedding' }, { api: openaiRerank, dataset: { task: 'embed' } }),
  ).toThrow(new ArgumentsError('--dataset embedding is not for --api rerank; give one such as openai_embedding'))
  expect(() => plans({ dataset: 'rerank' }, { dataset: { task: 'rerank' } })).toThrow(
    new ArgumentsError('--dataset rerank is not for --api openai; give one such as openai_rerank'),
  )
})

test('a bare URL gets the ending of the API, and texts stay texts', () => {
  const plan = firstPlan(
    { url: 'http://h:1', api: 'rerank', dataset: 'rerank' },
    { url: 'http://h:1', api: openaiRerank },
  )
  expect(plan.target.url).toBe('http://h:1/v1/rerank')
  expect([plan.dataset.chat, plan.task]).toEqual([false, 'rerank'])
  expect(firstPlan({ url: 'http://h', api: 'embedding' }, { url: 'http://h/api/embed', api }).target.url).toBe(
    'http://h/api/embed',
  )
})

test.each<[boolean, number]>([
  [true, 1],
  [false, 0],
])('stream %s is told as unsent in %d lines: vectors come in one piece', (stream, count) => {
  const said = lines({ api: 'embedding', stream }, { api: openaiEmbedding })
  expect(said.filter(line => line.startsWith('--stream is not sent'))).toHaveLength(count)
})

test('vectors are kept only where that is asked for', () => {
  const saving = (input: ArgumentsInput, facts = { api: openaiEmbedding }) => firstPlan(input, facts).saveResponses
  expect([saving({}), saving({ saveResponses: 'full' }), saving({ saveResponses: 'text' })]).toEqual([
    'failed',
    'full',
    'text',
  ])
  expect([saving({}, { api: openaiRerank }), firstPlan({}).saveResponses]).toEqual(['full', 'full'])
})
