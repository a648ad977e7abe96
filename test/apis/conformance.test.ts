import { expect, test } from 'vitest'
import { builtinApis } from '../../src/apis/index.ts'
import { openai } from '../../src/apis/openai.ts'
import { openaiEmbedding } from '../../src/apis/openai-embedding.ts'
import { openaiRerank } from '../../src/apis/openai-rerank.ts'
import type { Prompt } from '../../src/model/conversation.ts'
import { type ConformanceCase, describeApiContract } from './conformance.ts'

const usage = {
  prompt_tokens: 5,
  completion_tokens: 2,
  prompt_tokens_details: { cached_tokens: 3 },
  completion_tokens_details: { reasoning_tokens: 0 },
}
const prompts: readonly Prompt[] = [
  { kind: 'messages', messages: [{ role: 'user', content: 'hello' }] },
  { kind: 'text', text: 'hello' },
  { kind: 'tokens', ids: [1, 2, 3] },
  { kind: 'body', body: { messages: [] } },
]

/** A built-in API without a case here fails the test below. */
const cases: readonly ConformanceCase[] = [
  {
    api: openai,
    prompts,
    events: [
      { choices: [{ index: 0, delta: { role: 'assistant', content: null } }] },
      { choices: [{ index: 0, delta: { content: 'A' }, finish_reason: null }] },
      { choices: [{ index: 0, delta: { content: 'B' }, finish_reason: 'stop' }] },
      { choices: [], usage },
    ],
    body: { choices: [{ message: { role: 'assistant', content: 'AB' }, finish_reason: 'stop' }], usage },
    error: { error: { message: 'oom', code: 500 } },
  },
  {
    api: openaiEmbedding,
    prompts: [...prompts, { kind: 'inputs', inputs: ['hello', 'you'] }],
    body: {
      object: 'list',
      data: [{ object: 'embedding', index: 0, embedding: [0.5, -0.5] }],
      usage: { prompt_tokens: 5, completion_tokens: 0, total_tokens: 5 },
    },
    error: { error: { message: 'oom', code: 500 } },
  },
  {
    api: openaiRerank,
    prompts: [
      ...prompts.filter(({ kind }) => kind !== 'tokens'),
      { kind: 'rerank', query: 'hello', documents: ['you', 'me'] },
    ],
    body: { results: [{ index: 1, relevance_score: 0.5 }], usage: { total_tokens: 5 } },
    error: { message: 'oom' },
  },
]

test('every built-in API is under the contract', () => {
  expect(cases.map(({ api }) => api)).toEqual(builtinApis)
})

for (const each of cases) describeApiContract(each)
