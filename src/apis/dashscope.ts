import type { Message, Turn } from '../model/conversation.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import type { RequestSettings } from '../model/run-plan.ts'
import type { Api, ChoiceDraft, ChunkContent, ResponseDraft } from './api.ts'
import { takeApart } from './support/chat-body.ts'
import { isMessage } from './support/chat-message.ts'
import { readChoices } from './support/choices.ts'
import { contentParts, textOfParts } from './support/content-parts.ts'
import { errorMessage } from './support/error-message.ts'
import { group, withoutNulls } from './support/groups.ts'
import { type BodyShape, cannotSend, isRecorded, mergeBody } from './support/merge-body.ts'
import { type SamplingKeys, unsentWith } from './support/sampling.ts'
import { addToolCalls } from './support/tool-calls.ts'
import { isUsage, readCount } from './support/usage.ts'

const keys: SamplingKeys = {
  model: 'model',
  maxTokens: 'max_tokens',
  repetitionPenalty: 'repetition_penalty',
  logprobs: 'logprobs',
  nChoices: 'n',
  seed: 'seed',
  stop: 'stop',
  stream: 'stream',
  temperature: 'temperature',
  topP: 'top_p',
  topK: 'top_k',
}

/**
 * Alibaba's own protocol for text generation, also of models that see. `--extra-args` and a query template are merged
 * into the body's top level, their `input` and `parameters` key by key: what is not a flag goes into `parameters`.
 */
export const dashscope: Api = {
  names: ['dashscope'],
  endpoints: [
    '/api/v1/services/aigc/text-generation/generation',
    '/text-generation/generation',
    '/multimodal-generation/generation',
  ],
  chatEndpoints: ['/text-generation/generation', '/multimodal-generation/generation'],
  sends: ['messages', 'text', 'body'],
  unsent: unsentWith(keys),
  modelsPath: null,
  headers: apiKey => (apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
  asksStream: body => asksStream(body),
  requestHeaders: body => (asksStream(body) ? { 'x-dashscope-sse': 'enable' } : undefined),
  buildRequest: (turn, history, settings) => build(turn, history, settings),
  readChunk: (event, draft) => read(event, draft, false),
  readBody: (body, draft) => read(body, draft, true),
}

/** A header asks for a stream, no key; but only bodies that are to be streamed say how. */
const asksStream = ({ parameters }: JsonObject): boolean =>
  isJsonObject(parameters) && parameters.incremental_output !== undefined

const place = ({ model, stream, ...parameters }: JsonObject): JsonObject => ({
  ...(model !== undefined && { model }),
  // Each event of a stream would otherwise repeat all that came before.
  ...group('parameters', { ...parameters, ...(stream === true && { incremental_output: true }) }),
})

// Without it some models answer with a bare text, and none tells its reasoning or tool calls.
const standing = { result_format: 'message' }

const shape: BodyShape = {
  keys,
  groups: ['input', 'parameters'],
  place,
  promptFields: (prompt, history) => {
    if (prompt.kind === 'messages') return { input: { messages: [...history, ...prompt.messages].map(message) } }
    return prompt.kind === 'text' ? { input: { prompt: prompt.text } } : cannotSend(prompt)
  },
  adapt: body => (Array.isArray(body.messages) && body.input === undefined ? fromChat(body) : body),
}

/** A body of chat completions: what is not its messages is a parameter here, its tools too. */
const fromChat = (body: JsonObject): JsonObject => {
  const { parameters, others } = takeApart(body, keys)
  const { messages, ...more } = others
  return { ...place({ ...standing, ...more, ...parameters }), input: { messages: messagesOf(messages) } }
}

const messagesOf = (messages: JsonValue | undefined): JsonValue =>
  Array.isArray(messages) ? messages.map((each: JsonValue) => (isMessage(each) ? message(each) : each)) : []

const build: Api['buildRequest'] = (turn, history, settings) => {
  const body = mergeBody(turn, history, settings, shape)
  const { parameters: extra } = settings.extraArgs
  if (isRecorded(turn.prompt) || extra === null) return body
  const standard = isJsonObject(extra) ? withoutNulls(standing, extra) : standing
  const parameters = { ...standard, ...(isJsonObject(body.parameters) && body.parameters) }
  return { ...body, parameters: withoutStream(turn, settings) ? plain(parameters) : parameters }
}

/** `--no-stream` stands above a template, which may ask for one. */
const withoutStream = ({ prompt }: Turn, { chosen, extraArgs }: RequestSettings): boolean =>
  prompt.kind !== 'body' && chosen.stream === false && !asksStream(extraArgs)

const plain = ({ incremental_output: _, ...parameters }: JsonObject): JsonObject => parameters

/** A message with its content in this protocol's form: a text, or parts named by what they hold. */
const message = (given: Message): JsonObject => {
  const parts = contentParts(given.content)
  if (parts.every(({ kind }) => kind === 'text')) return { ...given, content: textOfParts(parts) }
  return {
    ...given,
    content: parts.map(part => {
      if (part.kind === 'text') return { text: part.text }
      return part.kind === 'image' ? { image: part.url } : part.value
    }),
  }
}

/**
 * Reads an event or a body. Where `incremental_output` was turned off each event holds the whole text so far, which is
 * not told apart: an answer that repeats itself looks the same. Counts and times are right all the same, the text is not.
 */
const read = (event: JsonObject, draft: ResponseDraft, isWhole: boolean): ChunkContent => {
  readUsage(event.usage, draft)
  if (!isJsonObject(event.output)) return readError(event, draft)
  const { output } = event
  const read = (said: JsonObject, own: ChoiceDraft): ChunkContent => {
    draft.finished = isWhole || isEnd(said.finish_reason)
    return readOutput(isJsonObject(said.message) ? said.message : { content: output.text ?? null }, own)
  }
  return readChoices(output.choices, draft, read) ?? (output.text === undefined ? 'other' : read(output, draft))
}

/** Until the end the reason is null as a word. */
const isEnd = (reason: JsonValue | undefined): boolean =>
  typeof reason === 'string' && reason !== '' && reason !== 'null'

const readOutput = (said: JsonObject, draft: ChoiceDraft): ChunkContent => {
  const text = textOfParts(contentParts(said.content))
  const reasoning = typeof said.reasoning_content === 'string' ? said.reasoning_content : ''
  draft.text += text
  draft.reasoning += reasoning
  addToolCalls(draft.toolCalls, said.tool_calls)
  if (text !== '' || (Array.isArray(said.tool_calls) && said.tool_calls.length > 0)) return 'answer'
  return reasoning === '' ? 'choice' : 'reasoning'
}

/** An error is `{code, message, request_id}`, or what a gateway on the way says. */
const readError = (event: JsonObject, draft: ResponseDraft): ChunkContent => {
  const { code, message: words } = event
  const isError = typeof code === 'string' && code !== ''
  const told = isError ? (typeof words === 'string' && words !== '' ? words : code) : errorMessage(event)
  if (told === undefined) return 'other'
  draft.errorMessage = told
  return 'error'
}

const readUsage = (usage: JsonValue | undefined, draft: ResponseDraft): void => {
  if (!isUsage(usage, draft)) return
  draft.inputTokens = readCount(usage, 'input_tokens', draft) ?? draft.inputTokens
  draft.outputTokens = readCount(usage, 'output_tokens', draft) ?? draft.outputTokens
  draft.cachedTokens = count(usage.prompt_tokens_details, 'cached_tokens') ?? draft.cachedTokens
  draft.reasoningTokens = count(usage.output_tokens_details, 'reasoning_tokens') ?? draft.reasoningTokens
}

const count = (counts: JsonValue | undefined, key: string): number | undefined => {
  const value = isJsonObject(counts) ? counts[key] : undefined
  return typeof value === 'number' && value >= 0 ? Math.round(value) : undefined
}
