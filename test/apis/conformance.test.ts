import { expect, test } from 'vitest'
import { anthropic } from '../../src/apis/anthropic.ts'
import { dashscope } from '../../src/apis/dashscope.ts'
import { builtinApis } from '../../src/apis/index.ts'
import { ollama } from '../../src/apis/ollama.ts'
import { openai } from '../../src/apis/openai.ts'
import { openaiEmbedding } from '../../src/apis/openai-embedding.ts'
import { openaiRerank } from '../../src/apis/openai-rerank.ts'
import { openaiResponses } from '../../src/apis/openai-responses.ts'
import type { Prompt } from '../../src/model/conversation.ts'
import type { JsonObject } from '../../src/model/json.ts'
import { type ConformanceCase, describeApiContract } from './conformance.ts'

const usage = {
  prompt_tokens: 5,
  completion_tokens: 2,
  prompt_tokens_details: { cached_tokens: 3 },
  completion_tokens_details: { reasoning_tokens: 0 },
}
const dashscopeUsage = { input_tokens: 5, output_tokens: 2, prompt_tokens_details: { cached_tokens: 3 } }
const prompts: readonly Prompt[] = [
  { kind: 'messages', messages: [{ role: 'user', content: 'hello' }] },
  { kind: 'text', text: 'hello' },
  { kind: 'tokens', ids: [1, 2, 3] },
  { kind: 'body', body: { messages: [] } },
]

const response = {
  object: 'response',
  status: 'completed',
  error: null,
  output: [
    { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'T' }] },
    { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'AB', annotations: [] }] },
    { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'f', arguments: '{"a":1}' },
  ],
  usage: {
    input_tokens: 5,
    output_tokens: 2,
    input_tokens_details: { cached_tokens: 3 },
    output_tokens_details: { reasoning_tokens: 1 },
  },
}
const message = {
  type: 'message',
  role: 'assistant',
  content: [
    { type: 'thinking', thinking: 'T', signature: 's' },
    { type: 'text', text: 'AB' },
    { type: 'tool_use', id: 'toolu_1', name: 'f', input: { a: 1 } },
  ],
  stop_reason: 'tool_use',
  usage: { input_tokens: 1, cache_creation_input_tokens: 1, cache_read_input_tokens: 3, output_tokens: 2 },
}

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
    api: openaiResponses,
    prompts: prompts.filter(({ kind }) => kind !== 'tokens'),
    events: [
      { type: 'response.created', response: { status: 'in_progress', output: [], error: null } },
      { type: 'response.reasoning_summary_text.delta', output_index: 0, summary_index: 0, delta: 'T' },
      { type: 'response.output_item.added', output_index: 1, item: { type: 'message', content: [] } },
      { type: 'response.output_text.delta', output_index: 1, content_index: 0, delta: 'A' },
      { type: 'response.output_text.delta', output_index: 1, content_index: 0, delta: 'B' },
      { type: 'response.output_item.added', output_index: 2, item: { ...response.output[2], arguments: '' } },
      { type: 'response.function_call_arguments.delta', output_index: 2, delta: '{"a":1}' },
      { type: 'response.output_item.done', output_index: 2, item: response.output[2] as JsonObject },
      { type: 'response.completed', response },
    ],
    body: response,
    error: { type: 'error', code: 'server_error', message: 'oom', param: null, sequence_number: 3 },
  },
  {
    api: anthropic,
    prompts: prompts.filter(({ kind }) => kind !== 'tokens'),
    events: [
      { type: 'message_start', message: { ...message, content: [], usage: { ...message.usage, output_tokens: 1 } } },
      { type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'T' } },
      { type: 'content_block_start', index: 1, content_block: { type: 'text', text: '' } },
      { type: 'content_block_delta', index: 1, delta: { type: 'text_delta', text: 'A' } },
      { type: 'content_block_delta', index: 1, delta: { type: 'text_delta', text: 'B' } },
      {
        type: 'content_block_start',
        index: 2,
        content_block: { type: 'tool_use', id: 'toolu_1', name: 'f', input: {} },
      },
      { type: 'content_block_delta', index: 2, delta: { type: 'input_json_delta', partial_json: '{"a":1}' } },
      { type: 'content_block_stop', index: 2 },
      { type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 2 } },
      { type: 'message_stop' },
    ],
    body: message,
    error: { type: 'error', error: { type: 'overloaded_error', message: 'oom' } },
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
  {
    api: dashscope,
    prompts: prompts.filter(({ kind }) => kind !== 'tokens'),
    events: [
      { output: { choices: [{ message: { role: 'assistant', content: '' }, finish_reason: 'null' }] }, usage: {} },
      { output: { choices: [{ message: { role: 'assistant', content: 'A' }, finish_reason: 'null' }] } },
      {
        output: { choices: [{ message: { role: 'assistant', content: 'B' }, finish_reason: 'stop' }] },
        usage: dashscopeUsage,
      },
    ],
    body: {
      output: { choices: [{ message: { role: 'assistant', content: 'AB' }, finish_reason: 'stop' }] },
      usage: dashscopeUsage,
    },
    error: { code: 'InternalError', message: 'oom', request_id: 'r' },
  },
  {
    api: ollama,
    prompts: prompts.filter(({ kind }) => kind !== 'tokens'),
    events: [
      { model: 'm', message: { role: 'assistant', content: 'A' }, done: false },
      { model: 'm', message: { role: 'assistant', content: 'B' }, done: false },
      { model: 'm', message: { role: 'assistant', content: '' }, done: true, prompt_eval_count: 5, eval_count: 2 },
    ],
    body: { message: { role: 'assistant', content: 'AB' }, done: true, prompt_eval_count: 5, eval_count: 2 },
    error: { error: 'oom' },
  },
]

test('every built-in API is under the contract', () => {
  expect(cases.map(({ api }) => api)).toEqual(builtinApis)
})

for (const each of cases) describeApiContract(each)
