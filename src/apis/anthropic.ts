import type { Message } from '../model/conversation.ts'
import type { JsonObject } from '../model/json.ts'
import type { Api } from './api.ts'
import { readMessage, readMessageEvent } from './support/anthropic-events.ts'
import { anthropicMessages, isAnthropicMessage } from './support/anthropic-messages.ts'
import { isMessage } from './support/chat-message.ts'
import { type BodyShape, cannotSend, mergeBody } from './support/merge-body.ts'
import { type SamplingKeys, unsentWith } from './support/sampling.ts'

const keys: SamplingKeys = {
  model: 'model',
  maxTokens: 'max_tokens',
  stop: 'stop_sequences',
  stream: 'stream',
  temperature: 'temperature',
  topP: 'top_p',
  topK: 'top_k',
}

/**
 * Anthropic's Messages API, which vLLM and llama.cpp speak too. The first chunk is `message_start`, which carries the
 * role as OpenAI's first chunk does.
 */
export const anthropic: Api = {
  names: ['anthropic'],
  endpoints: ['/messages'],
  chatEndpoints: ['/messages'],
  textAsMessage: true,
  sends: ['messages', 'text', 'body'],
  unsent: unsentWith(keys),
  headers: apiKey => ({
    ...(apiKey !== undefined && { 'x-api-key': apiKey }),
    'anthropic-version': '2023-06-01',
  }),
  buildRequest: (turn, history, settings) => mergeBody(turn, history, settings, shape),
  readChunk: readMessageEvent,
  readBody: readMessage,
}

const shape: BodyShape = {
  keys,
  promptFields: (prompt, history) => {
    if (prompt.kind === 'messages') return anthropicMessages([...history, ...prompt.messages])
    return prompt.kind === 'text' ? { messages: [{ role: 'user', content: prompt.text }] } : cannotSend(prompt)
  },
  adapt: body => withNativeNames(withNativeMessages(body)),
}

const withNativeMessages = (body: JsonObject): JsonObject => {
  const { messages, system, ...rest } = body
  if (!Array.isArray(messages) || messages.every(isAnthropicMessage)) return body
  const standing: readonly Message[] = system === undefined ? [] : [{ role: 'system', content: system }]
  return { ...rest, ...anthropicMessages([...standing, ...messages.filter(isMessage)]) }
}

/** A body of chat completions: its output limit and stops have other names here, and its stream options are unknown. */
const withNativeNames = (body: JsonObject): JsonObject => {
  const { max_completion_tokens: limit, stop, stream_options: options, ...rest } = body
  if (limit === undefined && stop === undefined && options === undefined) return body
  return {
    ...(limit !== undefined && { max_tokens: limit }),
    ...(stop !== undefined && stop !== null && { stop_sequences: typeof stop === 'string' ? [stop] : stop }),
    ...rest,
  }
}
