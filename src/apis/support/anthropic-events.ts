import { isJsonObject, type JsonObject, type JsonValue } from '../../model/json.ts'
import type { ChunkContent, ResponseDraft } from '../api.ts'
import { beginCall, endCall, endCalls, extendCall, toolCall } from './call-pieces.ts'
import { errorMessage } from './error-message.ts'
import { readAnthropicInput, readAnthropicUsage } from './usage.ts'

/** Reads one event of Anthropic's Messages API. */
export const readMessageEvent = (event: JsonObject, draft: ResponseDraft): ChunkContent => {
  switch (event.type) {
    case 'content_block_delta':
      return isJsonObject(event.delta) ? readDelta(event.delta, event.index, draft) : 'choice'
    case 'content_block_start':
      return isJsonObject(event.content_block) ? readBlockStart(event.content_block, event.index, draft) : 'choice'
    case 'content_block_stop':
      endCall(draft.toolCalls, event.index)
      return 'choice'
    case 'message_start':
      // Its output tokens are those so far, and so no count of the answer.
      if (isJsonObject(event.message)) readAnthropicInput(event.message.usage, draft)
      return 'choice'
    case 'message_delta':
      readAnthropicUsage(event.usage, draft)
      draft.finished ||= isJsonObject(event.delta) && typeof event.delta.stop_reason === 'string'
      return 'choice'
    case 'message_stop':
      return ended(draft, 'choice')
    default:
      return readOther(event, draft)
  }
}

/** Reads a whole message. */
export const readMessage = (message: JsonObject, draft: ResponseDraft): ChunkContent => {
  const { content, usage } = message
  if (!Array.isArray(content)) return readOther(message, draft)
  readAnthropicUsage(usage, draft)
  const carried = new Set(content.filter(isJsonObject).map(block => readBlock(block, draft)))
  if (carried.has('answer')) return ended(draft, 'answer')
  return ended(draft, carried.has('reasoning') ? 'reasoning' : 'choice')
}

const readDelta = (delta: JsonObject, index: JsonValue | undefined, draft: ResponseDraft): ChunkContent => {
  if (delta.type === 'input_json_delta') {
    const piece = textOf(delta.partial_json)
    extendCall(draft.toolCalls, index, piece)
    return piece === '' ? 'choice' : 'answer'
  }
  return readTexts(delta, draft)
}

const readBlockStart = (block: JsonObject, index: JsonValue | undefined, draft: ResponseDraft): ChunkContent => {
  if (block.type !== 'tool_use') return readBlock(block, draft)
  // The input of a stream's block is empty and comes in pieces, but for servers that know it at once.
  const isEmpty = !isJsonObject(block.input) || Object.keys(block.input).length === 0
  beginCall(draft.toolCalls, index, toolCall(block.id, block.name, isEmpty ? '' : JSON.stringify(block.input)))
  return 'answer'
}

const readBlock = (block: JsonObject, draft: ResponseDraft): ChunkContent => {
  if (block.type === 'tool_use') {
    draft.toolCalls.push(toolCall(block.id, block.name, JSON.stringify(block.input ?? {})))
    return 'answer'
  }
  // Of a tool of the server's own: the model has called it, but nobody here is to answer.
  if (block.type === 'server_tool_use') return 'answer'
  return block.type === 'redacted_thinking' ? 'reasoning' : readTexts(block, draft)
}

const readTexts = ({ text, thinking }: JsonObject, draft: ResponseDraft): ChunkContent => {
  const [answer, reasoning] = [textOf(text), textOf(thinking)]
  draft.text += answer
  draft.reasoning += reasoning
  if (answer !== '') return 'answer'
  return reasoning === '' ? 'choice' : 'reasoning'
}

const readOther = (event: JsonObject, draft: ResponseDraft): ChunkContent => {
  const message = errorMessage(event)
  if (message === undefined) return 'other'
  draft.errorMessage = message
  return 'error'
}

const ended = (draft: ResponseDraft, content: ChunkContent): ChunkContent => {
  endCalls(draft.toolCalls)
  draft.finished = true
  draft.done = true
  return content
}

const textOf = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '')
