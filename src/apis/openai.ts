import type { Message, Turn } from '../model/conversation.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import type { RequestSettings, Sampling } from '../model/run-plan.ts'
import type { Api, ChunkContent, ResponseDraft } from './api.ts'
import { errorMessage } from './support/error-message.ts'
import { openaiSampling } from './support/sampling.ts'
import { fillTemplate } from './support/template.ts'
import { addToolCalls } from './support/tool-calls.ts'
import { readUsage } from './support/usage.ts'

/** OpenAI chat completions and completions: what vLLM, SGLang, TGI, MindIE, Ollama and most hosts speak. */
export const openai: Api = {
  names: ['openai'],
  endpoints: ['/chat/completions', '/completions'],
  sends: ['messages', 'text', 'tokens', 'body'],
  headers: apiKey => (apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
  buildRequest: (turn, history, settings) =>
    turn.prompt.kind === 'body' && turn.prompt.text !== undefined
      ? fillRecorded(turn.prompt.body, settings)
      : withStreamOptions(mergeBody(turn, history, settings), settings),
  readChunk: (chunk, draft) => {
    readUsage(chunk.usage, draft)
    const error = asError(chunk, draft)
    if (error !== undefined) return error
    const choice = firstChoice(chunk)
    if (choice === undefined) return 'other'
    // Of several choices one may end before another goes on.
    draft.finished = nonEmpty(choice.finish_reason) !== undefined
    return readOutput(isJsonObject(choice.delta) ? choice.delta : undefined, choice.text, draft)
  },
  readBody: (body, draft) => {
    readUsage(body.usage, draft)
    const error = asError(body, draft)
    if (error !== undefined) return error
    const choice = firstChoice(body)
    if (choice === undefined) return 'other'
    draft.finished = true
    return readOutput(isJsonObject(choice.message) ? choice.message : undefined, choice.text, draft)
  },
}

/** Defaults < template or body < what the user set < extra arguments; a complete body only has its gaps filled. */
const mergeBody = (turn: Turn, history: readonly Message[], settings: RequestSettings): JsonObject => {
  const chosen: Sampling =
    turn.maxTokens === undefined
      ? settings.chosen
      : { ...settings.chosen, maxTokens: { min: turn.maxTokens, max: turn.maxTokens } }
  const defaults = openaiSampling(settings.defaults)
  const set = openaiSampling(chosen)
  const { prompt } = turn
  if (prompt.kind === 'body') return { ...defaults, ...set, ...prompt.body, ...settings.extraArgs }
  const asked = promptFields(turn, history)
  if (settings.queryTemplate === undefined) return { ...asked, ...defaults, ...set, ...settings.extraArgs }
  const model = chosen.model ?? settings.defaults.model ?? ''
  const { body, hasPrompt } = fillTemplate(settings.queryTemplate, model, prompt)
  return { ...defaults, ...body, ...(hasPrompt ? {} : asked), ...set, ...settings.extraArgs }
}

/** A replay sends what was recorded: defaults would change it, an absent `stream` included. */
const fillRecorded = (recorded: JsonObject, { chosen, defaults, extraArgs }: RequestSettings): JsonObject => ({
  ...openaiSampling(defaults.model === undefined ? chosen : { model: defaults.model, ...chosen }),
  ...recorded,
  ...extraArgs,
})

const promptFields = ({ prompt }: Turn, history: readonly Message[]): JsonObject => {
  switch (prompt.kind) {
    case 'messages':
      return { messages: [...history, ...prompt.messages] }
    case 'text':
      return { prompt: prompt.text }
    case 'tokens':
      return { prompt: prompt.ids }
    case 'body':
      return prompt.body
    default:
      throw new Error(`it cannot send prompts of kind ${prompt.kind}`)
  }
}

/** A stream is asked for its usage; elsewhere the key would be refused. What the user wrote himself stays. */
const withStreamOptions = (body: JsonObject, settings: RequestSettings): JsonObject => {
  if (settings.extraArgs.stream_options !== undefined) return body
  const { stream_options: given, ...rest } = body
  if (body.stream !== true) return rest
  return { ...rest, stream_options: given ?? { include_usage: true } }
}

const firstChoice = (chunk: JsonObject): JsonObject | undefined => {
  const choice = Array.isArray(chunk.choices) ? (chunk.choices[0] as JsonValue | undefined) : undefined
  return isJsonObject(choice) ? choice : undefined
}

const asError = (chunk: JsonObject, draft: ResponseDraft): ChunkContent | undefined => {
  const message = errorMessage(chunk)
  if (message === undefined) return undefined
  draft.errorMessage = message
  return 'error'
}

/** Output of a delta or message. vLLM and others name reasoning `reasoning_content` or `reasoning`. */
const readOutput = (
  message: JsonObject | undefined,
  plainText: JsonValue | undefined,
  draft: ResponseDraft,
): ChunkContent => {
  const text = nonEmpty(message?.content) ?? nonEmpty(message?.refusal) ?? nonEmpty(plainText)
  const reasoning = nonEmpty(message?.reasoning_content) ?? nonEmpty(message?.reasoning)
  if (reasoning !== undefined) draft.reasoning += reasoning
  if (text !== undefined) draft.text += text
  if (message?.tool_calls !== undefined) addToolCalls(draft.toolCalls, message.tool_calls)
  if (text !== undefined || hasToolCall(message)) return 'answer'
  return reasoning === undefined ? 'choice' : 'reasoning'
}

const hasToolCall = (message: JsonObject | undefined): boolean =>
  (Array.isArray(message?.tool_calls) && message.tool_calls.length > 0) || isJsonObject(message?.function_call)

const nonEmpty = (value: JsonValue | undefined): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined
