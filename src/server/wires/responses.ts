import type { Message } from '../../model/conversation.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../../model/json.ts'
import { contentText, countChat, type GenerationRequest, readLimits, readModel } from '../generation-request.ts'
import { errorJson, WireError } from '../wire-error.ts'
import { type AnswerFormat, asciiJson, type FinishReason, sseEvent, textOf, type Wire, word } from './wire.ts'

/** OpenAI's Responses API. */
export const responses: Wire = {
  paths: ['/v1/responses'],
  read: (body, { tokenizer }) => {
    const model = readModel(body)
    const promptTokens = countChat(readInput(body), tokenizer)
    const request = { stream: body.stream === true, promptTokens, ...readLimits(body, 'max_output_tokens') }
    return { request, format: (id, createdSec) => formatOf({ request, id, createdSec, model, body }) }
  },
  errorBody: errorJson,
}

interface FormatParts {
  readonly request: GenerationRequest
  readonly id: string
  readonly createdSec: number
  readonly model: string
  readonly body: JsonObject
}

/** The input as the chat messages that become the prompt; what one speaker says in several items is one message. */
const readInput = ({ input, instructions }: JsonObject): readonly Message[] => {
  const standing = typeof instructions === 'string' ? [{ role: 'system', content: instructions }] : []
  if (typeof input === 'string' && input !== '') return [...standing, { role: 'user', content: input }]
  if (!Array.isArray(input) || input.length === 0) {
    throw new WireError(400, 'input must be a text or an array with at least one item', 'input')
  }
  const messages: { role: string; content: string }[] = [...standing]
  for (const { role, content } of input.map(readItem)) {
    const last = messages.at(-1)
    if (last?.role === role) last.content += `\n${content}`
    else messages.push({ role, content })
  }
  return messages
}

const readItem = (item: JsonValue): { readonly role: string; readonly content: string } => {
  if (isJsonObject(item)) {
    const { type, role } = item
    if (type === 'function_call') return { role: 'assistant', content: contentText(item.arguments) }
    if (type === 'function_call_output') return { role: 'tool', content: contentText(item.output) }
    if (type === 'reasoning') return { role: 'assistant', content: '' }
    if (typeof role === 'string') return { role, content: contentText(item.content) }
  }
  throw new WireError(400, 'every item of the input must be a message with a role, or a call or its output', 'input')
}

const formatOf = (parts: FormatParts): AnswerFormat => {
  const { request, id } = parts
  const place = { item_id: `msg_${id}`, output_index: 0, content_index: 0 }
  let sequence = 0
  const event = (type: string, payload: object): string =>
    sseEvent({ type, ...payload, sequence_number: sequence++ }, type)
  const item = (status: string, content: readonly object[]): object => messageItem(id, status, content)
  const started = { response: responseOf(parts, 'in_progress', [], undefined) }
  const opening = (): string =>
    event('response.created', started) +
    event('response.in_progress', started) +
    event('response.output_item.added', { output_index: 0, item: item('in_progress', []) }) +
    event('response.content_part.added', { ...place, part: textPart('') })
  const delta = 'response.output_text.delta'
  const beforeDelta = `event: ${delta}\ndata: ${asciiJson({ type: delta, ...place, logprobs: [] }).slice(0, -1)},"delta":"`
  return {
    streamType: 'text/event-stream; charset=utf-8',
    opening: request.stream ? opening() : '',
    token: index => `${beforeDelta}${word(index)}","sequence_number":${sequence++}}\n\n`,
    closing: (outputTokens, reason) => {
      const text = textOf(outputTokens)
      const status = statusOf(reason)
      const output = [item(status, [textPart(text)])]
      return (
        event('response.output_text.done', { ...place, text, logprobs: [] }) +
        event('response.content_part.done', { ...place, part: textPart(text) }) +
        event('response.output_item.done', { output_index: 0, item: output[0] }) +
        event(`response.${status}`, { response: responseOf(parts, status, output, outputTokens) })
      )
    },
    failure: ({ message }) => {
      const error = { code: 'server_error', message }
      return event('response.failed', { response: { ...responseOf(parts, 'failed', [], undefined), error } })
    },
    body: (outputTokens, reason) => {
      const output = [item(statusOf(reason), [textPart(textOf(outputTokens))])]
      return asciiJson(responseOf(parts, statusOf(reason), output, outputTokens))
    },
  }
}

const statusOf = (reason: FinishReason): string => (reason === 'length' ? 'incomplete' : 'completed')

const textPart = (text: string): object => ({ type: 'output_text', text, annotations: [], logprobs: [] })

const messageItem = (id: string, status: string, content: readonly object[]): object => ({
  id: `msg_${id}`,
  type: 'message',
  status,
  role: 'assistant',
  content,
})

const responseOf = (
  { request, id, createdSec, model, body }: FormatParts,
  status: string,
  output: readonly object[],
  outputTokens: number | undefined,
): object => ({
  id: `resp_${id}`,
  object: 'response',
  created_at: createdSec,
  status,
  error: null,
  incomplete_details: status === 'incomplete' ? { reason: 'max_output_tokens' } : null,
  instructions: body.instructions ?? null,
  max_output_tokens: request.maxTokens ?? null,
  metadata: {},
  model,
  output,
  parallel_tool_calls: true,
  temperature: body.temperature ?? 1,
  tool_choice: 'auto',
  tools: [],
  top_p: body.top_p ?? 1,
  usage: outputTokens === undefined ? null : usage(request, outputTokens),
})

const usage = ({ promptTokens }: GenerationRequest, outputTokens: number): object => ({
  input_tokens: promptTokens,
  input_tokens_details: { cached_tokens: 0 },
  output_tokens: outputTokens,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: promptTokens + outputTokens,
})
