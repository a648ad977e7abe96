import type { Message } from '../model/conversation.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import { readChatOptions } from '../tokenizers/chat-options.ts'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'
import { WireError } from './wire-error.ts'

/** What the engine is asked for, whatever the protocol. */
export interface GenerationRequest {
  readonly stream: boolean
  readonly promptTokens: number
  readonly minTokens: number
  readonly maxTokens: number | undefined
  /** Only `maxTokens` ends the output. */
  readonly ignoreEos: boolean
  /** It is over with its prefill; the one token that the engine emits then is no output. */
  readonly isPrefillOnly?: true
}

/** The JSON object that a body holds; throws `WireError` with status 400, as all of these do. */
export const parseBody = (text: string): JsonObject => {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch (cause) {
    throw new WireError(400, `the body is not JSON: ${cause instanceof Error ? cause.message : String(cause)}`)
  }
  if (!isJsonObject(body)) throw new WireError(400, 'the body must be a JSON object')
  return body
}

/** How long the output may be: `maxNames` are the protocol's keys for its limit, of which the first given counts. */
export const readLimits = (
  body: JsonObject,
  ...maxNames: readonly string[]
): Pick<GenerationRequest, 'minTokens' | 'maxTokens' | 'ignoreEos'> => {
  let maxTokens: number | undefined
  for (const name of maxNames) maxTokens ??= readCount(body, name, 1)
  const minTokens = readCount(body, 'min_tokens', 0) ?? 0
  if (maxTokens !== undefined && minTokens > maxTokens) {
    throw new WireError(400, `min_tokens (${minTokens}) must not exceed max_tokens (${maxTokens})`, 'min_tokens')
  }
  return { minTokens, maxTokens, ignoreEos: body.ignore_eos === true }
}

/** The name of the model, which every protocol demands. */
export const readModel = (body: JsonObject): string => {
  if (typeof body.model === 'string' && body.model !== '') return body.model
  throw new WireError(400, 'model must be a name', 'model')
}

/** A whole number, where there is one. */
export const readCount = (body: JsonObject, name: string, least: number): number | undefined => {
  const value = body[name]
  if (value === undefined || value === null) return undefined
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least) return value
  throw new WireError(400, `${name} must be a whole number from ${least}, got ${JSON.stringify(value)}`, name)
}

/** The chat messages. */
export const readMessages = (body: JsonObject): readonly Message[] => {
  const messages = body.messages
  if (!Array.isArray(messages) || messages.length === 0) {
    throw new WireError(400, 'messages must be an array with at least one message', 'messages')
  }
  for (const message of messages) {
    if (!isJsonObject(message) || typeof message.role !== 'string') {
      throw new WireError(400, 'every message must be an object with a role', 'messages')
    }
  }
  return messages as readonly Message[]
}

/**
 * Prompt tokens of chat messages: in the chat template, where there is one, as the body asks for it. Of parts the texts
 * count, images do not.
 */
export const countChat = (
  messages: readonly Message[],
  tokenizer: Tokenizer | undefined,
  body: JsonObject = {},
): number => {
  if (tokenizer?.hasChatTemplate !== true)
    return countText(messages.map(({ content }) => contentText(content)).join('\n'), tokenizer)
  try {
    // Templates of models that read text alone take no parts.
    return tokenizer.encodeChat(messages.map(joined), readChatOptions(body)).length
  } catch (cause) {
    throw new WireError(400, `the chat template refuses the messages: ${String(cause)}`, 'messages')
  }
}

const joined = (message: Message): Message =>
  Array.isArray(message.content) ? { ...message, content: contentText(message.content) } : message

/** Text of a string content, or of the text parts of an array. */
export const contentText = (content: JsonValue | undefined): string => {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  return content
    .map((part: JsonValue) => (isJsonObject(part) && typeof part.text === 'string' ? part.text : ''))
    .join('')
}

/** Prompt tokens of a text or of token ids. */
export const countPrompt = (prompt: JsonValue | undefined, tokenizer: Tokenizer | undefined): number => {
  if (typeof prompt === 'string') return countText(prompt, tokenizer)
  if (Array.isArray(prompt) && prompt.length > 0) {
    if (prompt.every(id => Number.isSafeInteger(id))) return prompt.length
    if (prompt.length === 1) return countPrompt(prompt[0], tokenizer)
  }
  throw new WireError(400, 'prompt must be one string or one array of token ids', 'prompt')
}

/** Tokens of a text. With no tokenizer, four UTF-8 bytes make a token. */
export const countText = (text: string, tokenizer: Tokenizer | undefined): number =>
  tokenizer === undefined ? Math.ceil(Buffer.byteLength(text) / 4) : tokenizer.encode(text).length
