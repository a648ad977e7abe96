import { isJsonObject, type JsonObject, type JsonValue } from '../../model/json.ts'
import type { ChunkContent, ResponseDraft } from '../api.ts'
import { beginCall, endCall, endCalls, extendCall, toolCall } from './call-pieces.ts'
import { errorMessage } from './error-message.ts'
import { readResponsesUsage } from './usage.ts'

/** Reads one event of OpenAI's Responses API. */
export const readResponseEvent = (event: JsonObject, draft: ResponseDraft): ChunkContent => {
  const delta = typeof event.delta === 'string' ? event.delta : ''
  switch (event.type) {
    case 'response.output_text.delta':
    case 'response.refusal.delta':
      draft.text += delta
      return delta === '' ? 'choice' : 'answer'
    case 'response.reasoning_text.delta':
    case 'response.reasoning_summary_text.delta':
      draft.reasoning += delta
      return delta === '' ? 'choice' : 'reasoning'
    case 'response.function_call_arguments.delta':
      extendCall(draft.toolCalls, event.output_index, delta)
      return delta === '' ? 'choice' : 'answer'
    case 'response.custom_tool_call_input.delta':
    case 'response.mcp_call_arguments.delta':
    case 'response.code_interpreter_call_code.delta':
      return delta === '' ? 'choice' : 'answer'
    case 'response.output_item.added':
      return readItemStart(event, draft)
    case 'response.output_item.done':
      return readItemEnd(event, draft)
    case 'response.completed':
    case 'response.incomplete':
      return isJsonObject(event.response) ? readResponse(event.response, draft) : ended(draft, 'choice')
    case 'response.failed':
      return failed(isJsonObject(event.response) ? event.response : event, draft)
    default:
      return readOther(event, draft)
  }
}

/** Reads a whole response, as it comes unstreamed and in the last event of a stream: only what has not come before. */
export const readResponse = (response: JsonObject, draft: ResponseDraft): ChunkContent => {
  readResponsesUsage(response.usage, draft)
  const { status, output } = response
  if (status === 'failed' || status === 'cancelled' || errorMessage(response) !== undefined) {
    return failed(response, draft)
  }
  if (!Array.isArray(output) && status !== 'completed' && status !== 'incomplete') return 'other'
  if (status === 'queued' || status === 'in_progress') return 'choice'
  return ended(draft, addMissing(Array.isArray(output) ? output.filter(isJsonObject) : [], draft))
}

const readItemStart = ({ item, output_index: index }: JsonObject, draft: ResponseDraft): ChunkContent => {
  if (!isCall(item)) return 'choice'
  beginCall(draft.toolCalls, index, toolCall(item.call_id, item.name, argumentsOf(item) ?? ''))
  // A call's name is output, as in a chat's delta.
  return 'answer'
}

const readItemEnd = ({ item, output_index: index }: JsonObject, draft: ResponseDraft): ChunkContent => {
  if (!isCall(item)) return 'choice'
  if (endCall(draft.toolCalls, index, argumentsOf(item))) return 'choice'
  draft.toolCalls.push(callOf(item))
  return 'answer'
}

/** An error, which not all servers give a type, or an event about a part of an item. */
const readOther = (event: JsonObject, draft: ResponseDraft): ChunkContent => {
  if (errorMessage(event) !== undefined) return failed(event, draft)
  return event.output_index === undefined ? 'other' : 'choice'
}

const failed = (response: JsonObject, draft: ResponseDraft): ChunkContent => {
  draft.errorMessage = errorMessage(response) ?? `the response was ended as ${String(response.status ?? 'failed')}`
  return 'error'
}

const ended = (draft: ResponseDraft, content: ChunkContent): ChunkContent => {
  endCalls(draft.toolCalls)
  draft.finished = true
  draft.done = true
  return content
}

/** Adds of the whole output what no event has told; tells whether the answer, or else the reasoning, is new. */
const addMissing = (output: readonly JsonObject[], draft: ResponseDraft): ChunkContent => {
  const text = output.flatMap(item => (item.type === 'message' ? textsOf(item.content) : [])).join('')
  const thoughts = output.filter(item => item.type === 'reasoning')
  const reasoning = thoughts.flatMap(({ summary, content }) => [...textsOf(summary), ...textsOf(content)]).join('')
  const calls = output.filter(isCall).map(callOf)
  const isAnswerNew = (draft.text === '' && text !== '') || (draft.toolCalls.length === 0 && calls.length > 0)
  const isFirst = draft.text === '' && draft.reasoning === '' && draft.toolCalls.length === 0
  draft.text ||= text
  draft.reasoning ||= reasoning
  if (calls.length > 0) draft.toolCalls = calls
  if (isAnswerNew) return 'answer'
  return isFirst && reasoning !== '' ? 'reasoning' : 'choice'
}

/** Texts of the parts of an item: output, refusals, summaries, reasoning. */
const textsOf = (parts: JsonValue | undefined): readonly string[] =>
  Array.isArray(parts)
    ? parts.flatMap(part => {
        const text = isJsonObject(part) ? (part.text ?? part.refusal) : undefined
        return typeof text === 'string' ? [text] : []
      })
    : []

const isCall = (item: JsonValue | undefined): item is JsonObject => isJsonObject(item) && item.type === 'function_call'

const callOf = (item: JsonObject): JsonObject => toolCall(item.call_id, item.name, argumentsOf(item) ?? '{}')

const argumentsOf = ({ arguments: text }: JsonObject): string | undefined =>
  typeof text === 'string' && text !== '' ? text : undefined
