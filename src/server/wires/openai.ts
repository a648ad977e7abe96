import type { JsonObject } from '../../model/json.ts'
import { isJsonObject } from '../../model/json.ts'
import {
  countChat,
  countPrompt,
  type GenerationRequest,
  readLimits,
  readMessages,
  readModel,
} from '../generation-request.ts'
import { errorJson } from '../wire-error.ts'
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

/** OpenAI chat completions. */
export const openaiChat: Wire = {
  paths: ['/v1/chat/completions'],
  read: (body, { tokenizer }) => {
    const request = readRequest(body, countChat(readMessages(body), tokenizer, body))
    return { request, format: (id, createdSec) => chatFormat({ request, id, createdSec, ...asked(body) }) }
  },
  errorBody: errorJson,
}

/** OpenAI completions. */
export const openaiText: Wire = {
  paths: ['/v1/completions'],
  read: (body, { tokenizer }) => {
    const request = readRequest(body, countPrompt(body.prompt, tokenizer))
    return { request, format: (id, createdSec) => textFormat({ request, id, createdSec, ...asked(body) }) }
  },
  errorBody: errorJson,
}

interface FormatParts {
  readonly request: GenerationRequest
  readonly id: string
  readonly createdSec: number
  readonly model: string
  readonly includeUsage: boolean
}

const readRequest = (body: JsonObject, promptTokens: number): GenerationRequest => ({
  stream: body.stream === true,
  promptTokens,
  ...readLimits(body, 'max_completion_tokens', 'max_tokens'),
})

const asked = (body: JsonObject): Pick<FormatParts, 'model' | 'includeUsage'> => {
  const options = body.stream_options
  return { model: readModel(body), includeUsage: isJsonObject(options) && options.include_usage === true }
}

const streamType = 'text/event-stream; charset=utf-8'

const chatFormat = (parts: FormatParts): AnswerFormat => {
  const { request, id, createdSec, model } = parts
  const head = { id: `chatcmpl-${id}`, object: 'chat.completion.chunk', created: createdSec, model }
  const chunk = (delta: object, reason: FinishReason | null): string =>
    sseEvent({ ...head, choices: [{ index: 0, delta, finish_reason: reason }] })
  return {
    streamType,
    token: tokenEvents(chunk({ content: hole }, null)),
    opening: chunk({ role: 'assistant', content: '' }, null),
    closing: (outputTokens, reason) => chunk({}, reason) + usageEvent(parts, head, outputTokens) + done,
    failure,
    body: (outputTokens, reason) => {
      const message = { role: 'assistant', content: textOf(outputTokens) }
      const choices = [{ index: 0, message, finish_reason: reason }]
      return asciiJson({ ...head, object: 'chat.completion', choices, usage: usage(request, outputTokens) })
    },
  }
}

const textFormat = (parts: FormatParts): AnswerFormat => {
  const { request, id, createdSec, model } = parts
  const head = { id: `cmpl-${id}`, object: 'text_completion', created: createdSec, model }
  const choices = (output: string, reason: FinishReason | null): object => ({
    choices: [{ index: 0, text: output, logprobs: null, finish_reason: reason }],
  })
  return {
    streamType,
    token: tokenEvents(sseEvent({ ...head, ...choices(hole, null) })),
    opening: '',
    closing: (outputTokens, reason) =>
      sseEvent({ ...head, ...choices('', reason) }) + usageEvent(parts, head, outputTokens) + done,
    failure,
    body: (outputTokens, reason) =>
      asciiJson({ ...head, ...choices(textOf(outputTokens), reason), usage: usage(request, outputTokens) }),
  }
}

const done = 'data: [DONE]\n\n'

const failure: AnswerFormat['failure'] = error => `data: ${errorJson(error)}\n\n${done}`

const usage = (request: GenerationRequest, outputTokens: number): object => ({
  prompt_tokens: request.promptTokens,
  completion_tokens: outputTokens,
  total_tokens: request.promptTokens + outputTokens,
})

const usageEvent = ({ request, includeUsage }: FormatParts, head: object, outputTokens: number): string =>
  includeUsage ? sseEvent({ ...head, choices: [], usage: usage(request, outputTokens) }) : ''
