import type { Message } from '../model/conversation.ts'
import type { JsonObject } from '../model/json.ts'
import type { Api } from './api.ts'
import { isMessage } from './support/chat-message.ts'
import { inputItems } from './support/input-items.ts'
import { type BodyShape, cannotSend, mergeBody } from './support/merge-body.ts'
import { readResponse, readResponseEvent } from './support/response-events.ts'
import { type SamplingKeys, unsentWith } from './support/sampling.ts'

const keys: SamplingKeys = {
  model: 'model',
  maxTokens: 'max_output_tokens',
  stream: 'stream',
  temperature: 'temperature',
  topP: 'top_p',
}

/**
 * OpenAI's Responses API. The first chunk is the first event about an output item (`response.output_item.added`): those
 * before it, `response.created` and the like, only say that the request was taken.
 */
export const openaiResponses: Api = {
  names: ['openai_responses', 'openai_response', 'responses'],
  endpoints: ['/responses'],
  chatEndpoints: ['/responses'],
  sends: ['messages', 'text', 'body'],
  unsent: unsentWith(keys),
  headers: apiKey => (apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
  buildRequest: (turn, history, settings) => mergeBody(turn, history, settings, shape),
  readChunk: readResponseEvent,
  readBody: readResponse,
}

const shape: BodyShape = {
  keys,
  promptFields: (prompt, history) => {
    if (prompt.kind === 'messages') return { input: inputItems([...history, ...prompt.messages]) }
    return prompt.kind === 'text' ? { input: prompt.text } : cannotSend(prompt)
  },
  adapt: body =>
    body.input === undefined && Array.isArray(body.messages) ? ofChatBody(body, body.messages.filter(isMessage)) : body,
}

/** A body of chat completions: its output limit has another name here, and its stream options are unknown. */
const ofChatBody = (body: JsonObject, messages: readonly Message[]): JsonObject => {
  const { messages: _messages, max_tokens, max_completion_tokens, stream_options: _options, ...rest } = body
  const limit = max_completion_tokens ?? max_tokens
  return { input: inputItems(messages), ...(limit !== undefined && { max_output_tokens: limit }), ...rest }
}
