import type { IncomingHttpHeaders } from 'node:http'
import type { Message } from '../../model/conversation.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../../model/json.ts'
import {
  contentText,
  countChat,
  type GenerationRequest,
  readLimits,
  readMessages,
  readModel,
} from '../generation-request.ts'
import { WireError } from '../wire-error.ts'
import {
  type AnswerFormat,
  asciiJson,
  type FinishReason,
  hole,
  sseEvent,
  textOf,
  tokenEvents,
  type Wire,
} from './wire.ts'

/** Anthropic's Messages API. */
export const anthropic: Wire = {
  paths: ['/v1/messages'],
  read: (body, { tokenizer, headers }) => {
    demandVersion(headers)
    const model = readModel(body)
    const promptTokens = countChat(readPrompt(body), tokenizer)
    const limits = readLimits(body, 'max_tokens')
    if (limits.maxTokens === undefined) throw new WireError(400, 'max_tokens: Field required', 'max_tokens')
    const request = { stream: body.stream === true, promptTokens, ...limits }
    return { request, format: id => formatOf(request, id, model) }
  },
  errorBody: error => errorJson(error),
}

const demandVersion = (headers: IncomingHttpHeaders): void => {
  if (headers['anthropic-version'] === undefined) throw new WireError(400, 'anthropic-version: header is required')
}

/** The chat messages that become the prompt, what the system says first. */
const readPrompt = (body: JsonObject): readonly Message[] => {
  const standing = body.system === undefined ? [] : [{ role: 'system', content: contentText(body.system) }]
  const said = readMessages(body).map(({ role, content }, position) => {
    if (role !== 'user' && role !== 'assistant') {
      throw new WireError(400, `messages.${position}.role: must be "user" or "assistant", got ${JSON.stringify(role)}`)
    }
    return { role, content: typeof content === 'string' ? content : blockTexts(content) }
  })
  return [...standing, ...said]
}

/** Texts of blocks; a tool's input counts as its JSON, its result as its text. */
const blockTexts = (content: JsonValue): string =>
  (Array.isArray(content) ? content.filter(isJsonObject) : [])
    .map((block: JsonObject) => {
      if (block.type === 'tool_use') return JSON.stringify(block.input ?? {})
      return contentText(block.type === 'tool_result' ? block.content : [block])
    })
    .join('')

const formatOf = (request: GenerationRequest, id: string, model: string): AnswerFormat => {
  const event = (type: string, payload: object): string => sseEvent({ type, ...payload }, type)
  const message = (content: readonly object[], reason: string | null, outputTokens: number): object => ({
    id: `msg_${id}`,
    type: 'message',
    role: 'assistant',
    model,
    content,
    stop_reason: reason,
    stop_sequence: null,
    usage: usage(request, outputTokens),
  })
  const delta = { type: 'text_delta', text: hole }
  return {
    streamType: 'text/event-stream; charset=utf-8',
    opening:
      // Its output tokens are those so far: one is under way.
      event('message_start', { message: message([], null, 1) }) +
      event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }) +
      event('ping', {}),
    token: tokenEvents(event('content_block_delta', { index: 0, delta })),
    closing: (outputTokens, reason) =>
      event('content_block_stop', { index: 0 }) +
      event('message_delta', {
        delta: { stop_reason: stopReasons[reason], stop_sequence: null },
        usage: { output_tokens: outputTokens },
      }) +
      event('message_stop', {}),
    failure: error => `event: error\ndata: ${errorJson(error)}\n\n`,
    body: (outputTokens, reason) =>
      asciiJson(message([{ type: 'text', text: textOf(outputTokens) }], stopReasons[reason], outputTokens)),
  }
}

const stopReasons: Readonly<Record<FinishReason, string>> = { stop: 'end_turn', length: 'max_tokens' }

const usage = ({ promptTokens }: GenerationRequest, outputTokens: number): object => ({
  input_tokens: promptTokens,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
  output_tokens: outputTokens,
})

const errorJson = ({ status, message }: WireError): string =>
  asciiJson({ type: 'error', error: { type: errorTypes[status] ?? 'api_error', message } })

const errorTypes: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  404: 'not_found_error',
  405: 'invalid_request_error',
  413: 'request_too_large',
}
