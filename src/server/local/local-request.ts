import { isJsonObject, type JsonObject, type JsonValue } from '../../model/json.ts'
import { readChatOptions } from '../../tokenizers/chat-options.ts'
import { readLimits, readMessages, readModel } from '../generation-request.ts'
import { WireError } from '../wire-error.ts'
import type { Generation, LocalModel } from './local-model.ts'
import type { Sampling } from './sampling.ts'

/** A request as the local server reads it. */
export interface LocalRequest {
  readonly isChat: boolean
  readonly stream: boolean
  /** A chunk with the token counts ends the stream. */
  readonly includeUsage: boolean
  /** Named again in the answer. */
  readonly modelName: string
  /** Texts that end the output, and are no part of it. */
  readonly stops: readonly string[]
  readonly generation: Generation
}

/** OpenAI's own default for completions. */
const completionDefaultTokens = 16

/** Reads a body for a model; throws `WireError` with status 400 for what cannot be served. */
export const readLocalRequest = (body: JsonObject, isChat: boolean, model: LocalModel): LocalRequest => {
  refuseUnsupported(body)
  const promptIds = isChat ? chatIds(body, model) : promptIdsOf(body.prompt, model)
  const options = body.stream_options
  return {
    isChat,
    stream: body.stream === true,
    includeUsage: isJsonObject(options) && options.include_usage === true,
    modelName: readModel(body),
    stops: readStops(body.stop),
    generation: {
      promptIds,
      ...readLengths(body, isChat, promptIds.length, model),
      endIds: readEndIds(body, model),
      sampling: readSampling(body),
      seed: readNumber(body, 'seed', Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
    },
  }
}

/** What would have to change the shape of the answer. What only steers a model, such as tools, is ignored. */
const refuseUnsupported = ({ n, logprobs }: JsonObject): void => {
  if (typeof n === 'number' && n !== 1) throw new WireError(400, `a local model gives one answer, got n ${n}`, 'n')
  if (logprobs === true || typeof logprobs === 'number') {
    throw new WireError(400, 'a local model tells no logprobs', 'logprobs')
  }
}

const chatIds = (body: JsonObject, { tokenizer }: LocalModel): readonly number[] => {
  const flat = readMessages(body).map(message => ({ ...message, content: contentText(message.content) }))
  if (!tokenizer.hasChatTemplate) return tokenizer.encode(flat.map(({ content }) => content).join('\n'), true)
  try {
    return tokenizer.encodeChat(flat, readChatOptions(body))
  } catch (cause) {
    throw new WireError(400, cause instanceof Error ? cause.message : String(cause), 'messages')
  }
}

/** Templates take text; of parts, one a line. */
const contentText = (content: JsonValue | undefined): string => {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  const texts = content.map(part => (isJsonObject(part) && typeof part.text === 'string' ? part.text : undefined))
  if (texts.includes(undefined)) throw new WireError(400, 'a local model reads text alone', 'messages')
  return texts.join('\n')
}

const promptIdsOf = (prompt: JsonValue | undefined, model: LocalModel): readonly number[] => {
  if (typeof prompt === 'string') return model.tokenizer.encode(prompt, true)
  if (Array.isArray(prompt) && prompt.length > 0) {
    if (prompt.every(id => typeof id === 'number')) return checkIds(prompt, model)
    if (prompt.length === 1) return promptIdsOf(prompt[0], model)
  }
  throw new WireError(400, 'prompt must be one string or one array of token ids', 'prompt')
}

const checkIds = (ids: readonly number[], { vocabularySize = Number.POSITIVE_INFINITY }: LocalModel) => {
  const wrong = ids.find(id => !Number.isSafeInteger(id) || id < 0 || id >= vocabularySize)
  if (wrong === undefined) return ids
  throw new WireError(400, `prompt has the token id ${wrong}, and the model knows 0 to ${vocabularySize - 1}`, 'prompt')
}

/** An output ends where the model's context does; what cannot even begin, or be as long as it must, is refused. */
const readLengths = (
  body: JsonObject,
  isChat: boolean,
  promptTokens: number,
  { contextTokens = Number.POSITIVE_INFINITY }: LocalModel,
): Pick<Generation, 'minTokens' | 'maxTokens'> => {
  const { maxTokens, minTokens } = readLimits(body, 'max_completion_tokens', 'max_tokens')
  const room = contextTokens - promptTokens
  const param = isChat ? 'messages' : 'prompt'
  if (promptTokens === 0) throw new WireError(400, 'the prompt has no tokens', param)
  if (room < Math.max(1, minTokens)) {
    const needed = minTokens > 0 ? ` and min_tokens ${minTokens}` : ''
    throw new WireError(
      400,
      `the model has a context of ${contextTokens} tokens: too few for a prompt of ${promptTokens}${needed}`,
      param,
    )
  }
  const wanted = maxTokens ?? (isChat ? room : Math.max(completionDefaultTokens, minTokens))
  if (wanted === Number.POSITIVE_INFINITY) throw new WireError(400, 'max_tokens is missing', 'max_tokens')
  return { minTokens, maxTokens: Math.min(wanted, room) }
}

const readEndIds = (body: JsonObject, { endIds }: LocalModel): readonly number[] => {
  const extra = Array.isArray(body.stop_token_ids) ? body.stop_token_ids.map(Number) : []
  if (!extra.every(id => Number.isSafeInteger(id) && id >= 0)) {
    throw new WireError(400, 'stop_token_ids must be token ids', 'stop_token_ids')
  }
  return body.ignore_eos === true ? extra : [...endIds, ...extra]
}

const readStops = (stop: JsonValue | undefined): readonly string[] => {
  const stops = Array.isArray(stop) ? stop : stop === undefined || stop === null ? [] : [stop]
  if (stops.every(each => typeof each === 'string' && each !== '')) return stops as readonly string[]
  throw new WireError(400, 'stop must be a text or an array of texts', 'stop')
}

const readSampling = (body: JsonObject): Sampling => ({
  temperature: readNumber(body, 'temperature', 0, 100) ?? 1,
  // Some clients say -1 for all.
  topK: Math.max(0, readNumber(body, 'top_k', -1, Number.MAX_SAFE_INTEGER) ?? 0),
  topP: readNumber(body, 'top_p', 0, 1) ?? 1,
  frequencyPenalty: readNumber(body, 'frequency_penalty', -2, 2) ?? 0,
  presencePenalty: readNumber(body, 'presence_penalty', -2, 2) ?? 0,
  repetitionPenalty: readNumber(body, 'repetition_penalty', Number.MIN_VALUE, 100) ?? 1,
})

const readNumber = (body: JsonObject, name: string, least: number, most: number): number | undefined => {
  const value = body[name]
  if (value === undefined || value === null) return undefined
  if (typeof value === 'number' && value >= least && value <= most) return value
  throw new WireError(400, `${name} must be a number from ${least} to ${most}, got ${JSON.stringify(value)}`, name)
}
