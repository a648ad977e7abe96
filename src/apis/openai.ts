import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import type { RequestSettings } from '../model/run-plan.ts'
import type { Api, ChoiceDraft, ChunkContent, ResponseDraft } from './api.ts'
import { readChoices } from './support/choices.ts'
import { contentParts, textOfParts } from './support/content-parts.ts'
import { errorMessage } from './support/error-message.ts'
import { type BodyShape, cannotSend, isRecorded, mergeBody } from './support/merge-body.ts'
import { openaiKeys } from './support/sampling.ts'
import { addToolCalls } from './support/tool-calls.ts'
import { readUsage } from './support/usage.ts'

/** OpenAI chat completions and completions: what vLLM, SGLang, TGI, MindIE, Ollama and most hosts speak. */
export const openai: Api = {
  names: ['openai'],
  endpoints: ['/chat/completions', '/completions'],
  sends: ['messages', 'text', 'tokens', 'body'],
  headers: apiKey => (apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
  buildRequest: (turn, history, settings) => {
    const body = mergeBody(turn, history, settings, shape)
    return isRecorded(turn.prompt) ? body : withStreamOptions(body, settings)
  },
  readChunk: (chunk, draft) => {
    readUsage(chunk.usage, draft)
    const error = asError(chunk, draft)
    if (error !== undefined) return error
    const content = readChoices(chunk.choices, draft, (choice, own) => {
      // Of several choices one may end before another goes on.
      draft.finished = nonEmpty(choice.finish_reason) !== undefined
      return readOutput(isJsonObject(choice.delta) ? choice.delta : undefined, choice.text, own)
    })
    return content ?? 'other'
  },
  readBody: (body, draft) => {
    readUsage(body.usage, draft)
    const error = asError(body, draft)
    if (error !== undefined) return error
    const content = readChoices(body.choices, draft, (choice, own) => {
      draft.finished = true
      return readOutput(isJsonObject(choice.message) ? choice.message : undefined, choice.text, own)
    })
    return content ?? 'other'
  },
}

const shape: BodyShape = {
  keys: openaiKeys,
  promptFields: (prompt, history) => {
    switch (prompt.kind) {
      case 'messages':
        return { messages: [...history, ...prompt.messages] }
      case 'text':
        return { prompt: prompt.text }
      case 'tokens':
        return { prompt: prompt.ids }
      default:
        return cannotSend(prompt)
    }
  },
}

/** A stream is asked for its usage; elsewhere the key would be refused. What the user wrote himself stays. */
const withStreamOptions = (body: JsonObject, settings: RequestSettings): JsonObject => {
  if (settings.extraArgs.stream_options !== undefined) return body
  const { stream_options: given, ...rest } = body
  if (body.stream !== true) return rest
  return { ...rest, stream_options: given ?? { include_usage: true } }
}

const asError = (chunk: JsonObject, draft: ResponseDraft): ChunkContent | undefined => {
  const message = errorMessage(chunk)
  if (message === undefined) return undefined
  draft.errorMessage = message
  return 'error'
}

/**
 * Output of a delta or message. vLLM and others name reasoning `reasoning_content` or `reasoning`; Mistral's models that
 * think have it in a content of parts.
 */
const readOutput = (
  message: JsonObject | undefined,
  plainText: JsonValue | undefined,
  draft: ChoiceDraft,
): ChunkContent => {
  const content = message?.content
  const parts = Array.isArray(content) ? content : undefined
  const text = nonEmpty(content) ?? nonEmpty(message?.refusal) ?? nonEmpty(plainText) ?? textIn(parts)
  const reasoning = nonEmpty(message?.reasoning_content) ?? nonEmpty(message?.reasoning) ?? thoughtIn(parts)
  if (reasoning !== undefined) draft.reasoning += reasoning
  if (text !== undefined) draft.text += text
  if (message?.tool_calls !== undefined) addToolCalls(draft.toolCalls, message.tool_calls)
  if (text !== undefined || hasToolCall(message)) return 'answer'
  return reasoning === undefined ? 'choice' : 'reasoning'
}

const textIn = (parts: readonly JsonValue[] | undefined): string | undefined =>
  parts === undefined ? undefined : nonEmpty(textOfParts(contentParts(parts)))

const thoughtIn = (parts: readonly JsonValue[] | undefined): string | undefined =>
  nonEmpty(parts?.map(part => (isJsonObject(part) ? textOfParts(contentParts(part.thinking)) : '')).join(''))

const hasToolCall = (message: JsonObject | undefined): boolean =>
  (Array.isArray(message?.tool_calls) && message.tool_calls.length > 0) || isJsonObject(message?.function_call)

const nonEmpty = (value: JsonValue | undefined): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined
