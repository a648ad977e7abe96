import { describe, expect, test } from 'vitest'
import { emptyDraft, type ResponseDraft } from '../../src/apis/api.ts'
import { builtinApis } from '../../src/apis/index.ts'
import type { JsonObject } from '../../src/model/json.ts'

const read = (name: string, body: JsonObject): ResponseDraft => {
  const api = builtinApis.find(({ names }) => names.includes(name))
  if (api === undefined) throw new Error(`no API ${name}`)
  const draft = emptyDraft()
  api.readBody(body, draft)
  return draft
}

describe('what stands in place of a count is kept, to be told', () => {
  test.each<[api: string, body: JsonObject, odd: string]>([
    ['openai', { usage: { prompt_tokens: '12', completion_tokens: 3 } }, 'prompt_tokens "12"'],
    ['openai', { usage: { prompt_tokens: 12, completion_tokens: -1 } }, 'completion_tokens -1'],
    ['openai', { usage: { prompt_tokens: [12], completion_tokens: {} } }, 'prompt_tokens with a list'],
    ['openai', { usage: { prompt_tokens: { text: 12 } } }, 'prompt_tokens with an object'],
    ['openai', { usage: { prompt_tokens: 1e300 } }, 'prompt_tokens 1e+300'],
    ['openai', { usage: { prompt_tokens: 'x'.repeat(100) } }, `prompt_tokens "${'x'.repeat(40)}"`],
    ['openai', { usage: '12 tokens' }, 'usage "12 tokens"'],
    ['openai_responses', { status: 'completed', usage: { input_tokens: '12' } }, 'input_tokens "12"'],
    [
      'anthropic',
      { type: 'message', content: [], usage: { input_tokens: 4, output_tokens: '12' } },
      'output_tokens "12"',
    ],
    ['dashscope', { output: { text: 'a' }, usage: { input_tokens: false } }, 'input_tokens false'],
    ['ollama', { done: true, eval_count: '12' }, 'eval_count "12"'],
    ['openai_embedding', { data: [], usage: { prompt_tokens: '12' } }, 'prompt_tokens "12"'],
  ])('%s %j', (api, body, odd) => {
    expect(read(api, body).oddUsage).toBe(odd)
  })

  test.each<[api: string, body: JsonObject]>([
    ['openai', { usage: { prompt_tokens: 0, completion_tokens: 2.4 } }],
    ['openai', { usage: null }],
    ['openai', { usage: { prompt_tokens: null } }],
    ['ollama', { done: true }],
    ['openai_rerank', { results: [] }],
  ])('counts, and what nobody counted, are not odd: %s %j', (api, body) => {
    expect(read(api, body)).not.toHaveProperty('oddUsage')
  })
})
