import type { Message } from '../model/conversation.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import type { Api, ChunkContent, ResponseDraft } from './api.ts'
import { takeApart } from './support/chat-body.ts'
import { isMessage } from './support/chat-message.ts'
import { contentParts, textOfParts } from './support/content-parts.ts'
import { errorMessage } from './support/error-message.ts'
import { group, mergeGroups } from './support/groups.ts'
import { type BodyShape, cannotSend, mergeBody } from './support/merge-body.ts'
import { type SamplingKeys, unsentWith } from './support/sampling.ts'
import { readCount } from './support/usage.ts'

const keys: SamplingKeys = {
  model: 'model',
  maxTokens: 'num_predict',
  frequencyPenalty: 'frequency_penalty',
  repetitionPenalty: 'repeat_penalty',
  logprobs: 'logprobs',
  seed: 'seed',
  stop: 'stop',
  stream: 'stream',
  temperature: 'temperature',
  topP: 'top_p',
  topK: 'top_k',
}

/**
 * Ollama's own protocol: chat, and bare prompts at `/api/generate`. `--extra-args` and a query template are merged into
 * the body's top level (`think`, `keep_alive`), their `options` key by key.
 */
export const ollama: Api = {
  names: ['ollama'],
  endpoints: ['/api/chat', '/api/generate'],
  chatEndpoints: ['/api/chat'],
  sends: ['messages', 'text', 'body'],
  unsent: unsentWith(keys),
  framing: 'ndjson',
  modelsPath: '/api/tags',
  headers: apiKey => (apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
  // It streams unless it is told not to.
  asksStream: body => body.stream !== false,
  buildRequest: (turn, history, settings) => mergeBody(turn, history, settings, shape),
  readChunk: (line, draft) => read(line, draft),
  readBody: (body, draft) => {
    const content = read(body, draft)
    if (content !== 'other' && content !== 'error') draft.finished = true
    return content
  },
}

const groups = ['options']

const place = ({ model, stream, logprobs, ...options }: JsonObject): JsonObject => ({
  ...(model !== undefined && { model }),
  ...(stream !== undefined && { stream }),
  ...(logprobs !== undefined && { logprobs }),
  ...group('options', options),
})

const shape: BodyShape = {
  keys,
  groups,
  place,
  promptFields: (prompt, history) => {
    if (prompt.kind === 'messages') return { messages: [...history, ...prompt.messages].map(message) }
    return prompt.kind === 'text' ? { prompt: prompt.text } : cannotSend(prompt)
  },
  // Parameters of chat completions would be passed over where they stand.
  adapt: body => {
    const { parameters, others } = takeApart(body, keys)
    return mergeGroups(groups, [place(parameters), withMessages(others)])
  },
}

/** A body whose messages already are Ollama's stays itself, so that a recorded one goes out as it was recorded. */
const withMessages = (body: JsonObject): JsonObject => {
  const { messages } = body
  if (!Array.isArray(messages) || !messages.every(isMessage) || messages.every(isNative)) return body
  return { ...body, messages: messages.map(message) }
}

const isNative = ({ content, tool_calls: calls }: Message): boolean =>
  typeof content === 'string' && calls === undefined

/** A message as Ollama takes it: one text, images beside it, and tool calls with their arguments as an object. */
const message = (given: Message): JsonObject => {
  const parts = contentParts(given.content)
  const images = parts.flatMap(part => (part.kind === 'image' ? [base64Of(part.url)] : []))
  const { tool_calls: calls } = given
  return {
    ...given,
    content: textOfParts(parts),
    ...(images.length > 0 && { images }),
    ...(Array.isArray(calls) && { tool_calls: calls.map(toolCall) }),
  }
}

const base64Of = (url: string): string => {
  const [, base64] = /^data:[^,]*;base64,(.*)$/s.exec(url) ?? []
  if (base64 !== undefined) return base64
  throw new Error(`Ollama takes images as base64 data: URLs only, got ${url.slice(0, 60)}`)
}

const toolCall = (call: JsonValue): JsonValue => {
  if (!isJsonObject(call) || !isJsonObject(call.function) || typeof call.function.arguments !== 'string') return call
  return { ...call, function: { ...call.function, arguments: argumentsOf(call.function.arguments) } }
}

const argumentsOf = (text: string): JsonObject => {
  try {
    const parsed: unknown = JSON.parse(text || '{}')
    if (isJsonObject(parsed)) return parsed
  } catch {
    // Models write broken JSON too; an object it has to be all the same.
  }
  return { arguments: text }
}

const read = (line: JsonObject, draft: ResponseDraft): ChunkContent => {
  draft.errorMessage = errorMessage(line)
  if (draft.errorMessage !== undefined) return 'error'
  if (line.done === true) {
    draft.finished = true
    draft.done = true
    draft.inputTokens = readCount(line, 'prompt_eval_count', draft)
    draft.outputTokens = readCount(line, 'eval_count', draft)
    draft.cachedTokens = count(line.prompt_eval_cached_count)
  }
  const said = isJsonObject(line.message) ? line.message : undefined
  if (said === undefined && line.response === undefined) return 'other'
  return readOutput(said?.content ?? line.response, said?.thinking ?? line.thinking, said?.tool_calls, draft)
}

const readOutput = (
  content: JsonValue | undefined,
  thinking: JsonValue | undefined,
  calls: JsonValue | undefined,
  draft: ResponseDraft,
): ChunkContent => {
  if (typeof content === 'string') draft.text += content
  if (typeof thinking === 'string') draft.reasoning += thinking
  // Whole ones, unlike OpenAI's pieces.
  const called = Array.isArray(calls) ? calls.filter(isJsonObject) : []
  draft.toolCalls.push(...called)
  if (isText(content) || called.length > 0) return 'answer'
  return isText(thinking) ? 'reasoning' : 'choice'
}

const isText = (value: JsonValue | undefined): boolean => typeof value === 'string' && value !== ''

/** Versions before 0.4 say nothing of a prompt that was cached. */
const count = (value: JsonValue | undefined): number | undefined =>
  typeof value === 'number' && value >= 0 ? Math.round(value) : undefined
