import type { Api } from '../../src/apis/api.ts'
import { builtinApis } from '../../src/apis/index.ts'
import type { JsonObject } from '../../src/model/json.ts'

/** What a server says in one protocol: the events of a stream, whole bodies, errors. */
export interface Transcripts {
  readonly api: Api
  /** Streams, an event each; `[DONE]` as a text. */
  readonly streams: readonly (readonly (JsonObject | string)[])[]
  readonly bodies: readonly (JsonObject | readonly JsonObject[])[]
  readonly errors: readonly (JsonObject | readonly JsonObject[])[]
}

const usage = {
  prompt_tokens: 5,
  completion_tokens: 2,
  total_tokens: 7,
  prompt_tokens_details: { cached_tokens: 3 },
  completion_tokens_details: { reasoning_tokens: 1 },
}
const call = (fields: JsonObject): JsonObject => ({ index: 0, type: 'function', ...fields })
const delta = (fields: JsonObject, more: JsonObject = {}): JsonObject => ({
  object: 'chat.completion.chunk',
  choices: [{ index: 0, delta: fields, finish_reason: null, ...more }],
})
const plainErrors: readonly JsonObject[] = [
  { error: { message: 'oom', type: 'server_error', code: 500 } },
  { error: 'oom' },
  { object: 'error', message: 'oom', code: 400 },
  { detail: [{ loc: ['body'], msg: 'missing' }] },
  { message: 'oom' },
]
const response: JsonObject = {
  object: 'response',
  status: 'completed',
  error: null,
  output: [
    { type: 'reasoning', id: 'rs', summary: [{ type: 'summary_text', text: 'T' }] },
    { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'A🙂', annotations: [] }] },
    { type: 'function_call', id: 'fc', call_id: 'call', name: 'f', arguments: '{"a":1}' },
  ],
  usage: { input_tokens: 5, output_tokens: 2, input_tokens_details: { cached_tokens: 3 } },
}
const message: JsonObject = {
  type: 'message',
  role: 'assistant',
  content: [
    { type: 'thinking', thinking: 'T', signature: 's' },
    { type: 'text', text: 'A🙂' },
    { type: 'tool_use', id: 'tool', name: 'f', input: { a: 1 } },
  ],
  stop_reason: 'tool_use',
  usage: { input_tokens: 1, cache_creation_input_tokens: 1, cache_read_input_tokens: 3, output_tokens: 2 },
}

const byName: Readonly<Record<string, Omit<Transcripts, 'api'>>> = {
  openai: {
    streams: [
      [
        delta({ role: 'assistant', content: '' }),
        delta({ reasoning_content: '想\u2028' }),
        delta({ content: 'A' }),
        delta({ content: '🙂' }),
        delta({ tool_calls: [call({ id: 'c', function: { name: 'f', arguments: '' } })] }),
        delta({ tool_calls: [call({ function: { arguments: '{"a":1}' } })] }),
        delta({}, { finish_reason: 'stop' }),
        { choices: [], usage },
        '[DONE]',
      ],
      [{ choices: [{ index: 0, text: 'é' }] }, { choices: [{ index: 0, text: '', finish_reason: 'length' }], usage }],
      [delta({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] }] }), delta({ content: 'x' })],
    ],
    bodies: [
      { choices: [{ message: { role: 'assistant', content: 'A🙂' }, finish_reason: 'stop' }], usage },
      { choices: [{ text: 'A', finish_reason: 'stop' }], usage },
    ],
    errors: plainErrors,
  },
  openai_responses: {
    streams: [
      [
        { type: 'response.created', response: { status: 'in_progress', output: [], error: null } },
        { type: 'response.reasoning_summary_text.delta', output_index: 0, delta: 'T' },
        { type: 'response.output_item.added', output_index: 1, item: { type: 'message', content: [] } },
        { type: 'response.output_text.delta', output_index: 1, delta: 'A🙂' },
        {
          type: 'response.output_item.added',
          output_index: 2,
          item: { type: 'function_call', call_id: 'c', name: 'f', arguments: '' },
        },
        { type: 'response.function_call_arguments.delta', output_index: 2, delta: '{"a":1}' },
        {
          type: 'response.output_item.done',
          output_index: 2,
          item: { type: 'function_call', call_id: 'c', name: 'f', arguments: '{"a":1}' },
        },
        { type: 'response.completed', response },
      ],
    ],
    bodies: [response],
    errors: [
      { type: 'error', code: 'server_error', message: 'oom' },
      { ...response, status: 'failed' },
      ...plainErrors,
    ],
  },
  anthropic: {
    streams: [
      [
        { type: 'message_start', message: { ...message, content: [], usage: { input_tokens: 1, output_tokens: 1 } } },
        { type: 'ping' },
        { type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '' } },
        { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'T' } },
        { type: 'content_block_start', index: 1, content_block: { type: 'text', text: '' } },
        { type: 'content_block_delta', index: 1, delta: { type: 'text_delta', text: 'A🙂' } },
        { type: 'content_block_start', index: 2, content_block: { type: 'tool_use', id: 't', name: 'f', input: {} } },
        { type: 'content_block_delta', index: 2, delta: { type: 'input_json_delta', partial_json: '{"a":1}' } },
        { type: 'content_block_stop', index: 2 },
        { type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 2 } },
        { type: 'message_stop' },
      ],
    ],
    bodies: [message],
    errors: [{ type: 'error', error: { type: 'overloaded_error', message: 'oom' } }, ...plainErrors],
  },
  openai_embedding: {
    streams: [[{ data: [{ embedding: [0.5] }], usage }]],
    bodies: [
      { object: 'list', data: [{ object: 'embedding', index: 0, embedding: [0.5, -0.5] }], usage },
      { embeddings: { float: [[1, 2]] }, meta: { billed_units: { input_tokens: 5 } } },
      [{ index: 0, embedding: [1] }],
    ],
    errors: plainErrors,
  },
  openai_rerank: {
    streams: [[{ results: [{ index: 1, relevance_score: 0.5 }], usage }]],
    bodies: [{ results: [{ index: 1, relevance_score: 0.5 }], usage }, [{ index: 1, score: 0.5 }]],
    errors: plainErrors,
  },
  dashscope: {
    streams: [
      [
        { output: { choices: [{ message: { role: 'assistant', content: '' }, finish_reason: 'null' }] }, usage: {} },
        { output: { choices: [{ message: { role: 'assistant', content: 'A🙂' }, finish_reason: 'null' }] } },
        {
          output: {
            choices: [{ message: { content: [{ text: 'B' }], reasoning_content: 'T' }, finish_reason: 'stop' }],
          },
          usage: { input_tokens: 5, output_tokens: 2, prompt_tokens_details: { cached_tokens: 3 } },
        },
      ],
    ],
    bodies: [
      { output: { text: 'AB', finish_reason: 'stop' }, usage: { input_tokens: 5, output_tokens: 2 } },
      { output: { choices: [{ message: { content: 'A', tool_calls: [call({ id: 'c' })] }, finish_reason: 'stop' }] } },
    ],
    errors: [{ code: 'InternalError', message: 'oom', request_id: 'r' }, ...plainErrors],
  },
  ollama: {
    streams: [
      [
        { model: 'm', message: { role: 'assistant', content: '', thinking: 'T' }, done: false },
        { model: 'm', message: { role: 'assistant', content: 'A🙂' }, done: false },
        { message: { content: '', tool_calls: [{ function: { name: 'f', arguments: { a: 1 } } }] }, done: false },
        { model: 'm', message: { content: '' }, done: true, prompt_eval_count: 5, eval_count: 2 },
      ],
      [{ response: 'A' }, { response: '', done: true, done_reason: 'stop', eval_count: 1 }],
    ],
    bodies: [{ message: { role: 'assistant', content: 'AB' }, done: true, prompt_eval_count: 5, eval_count: 2 }],
    errors: [{ error: 'oom' }, ...plainErrors],
  },
}

/** All protocols that we speak; one without transcripts is an error. */
export const transcripts: readonly Transcripts[] = builtinApis.map(api => {
  const known = byName[api.names[0] ?? '']
  if (known === undefined) throw new Error(`${api.names[0]} has no transcripts; add some`)
  return { api, ...known }
})
