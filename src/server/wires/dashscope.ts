import { isJsonObject, type JsonObject } from '../../model/json.ts'
import {
  countChat,
  countPrompt,
  type GenerationRequest,
  readLimits,
  readMessages,
  readModel,
} from '../generation-request.ts'
import { WireError } from '../wire-error.ts'
import { type AnswerFormat, asciiJson, type FinishReason, textOf, type Wire, type WireContext, word } from './wire.ts'

/** Alibaba's own protocol: text generation, and the same for models that see. */
export const dashscope: Wire = {
  paths: ['/api/v1/services/aigc/text-generation/generation', '/api/v1/services/aigc/multimodal-generation/generation'],
  read: (body, { tokenizer, headers }) => {
    readModel(body)
    const input = isJsonObject(body.input) ? body.input : {}
    const parameters = isJsonObject(body.parameters) ? body.parameters : {}
    const request = {
      stream: headers['x-dashscope-sse'] === 'enable',
      promptTokens: countInput(input, tokenizer),
      ...readLimits(parameters, 'max_tokens'),
    }
    return {
      request,
      format: id =>
        formatOf({
          request,
          id,
          isMessage: parameters.result_format === 'message',
          isIncremental: parameters.incremental_output === true,
        }),
    }
  },
  errorBody: error => errorJson(error),
}

interface FormatParts {
  readonly request: GenerationRequest
  readonly id: string
  /** Otherwise a bare text. */
  readonly isMessage: boolean
  /** Otherwise each event holds the whole text so far. */
  readonly isIncremental: boolean
}

const countInput = (input: JsonObject, tokenizer: WireContext['tokenizer']): number => {
  if (input.messages !== undefined) return countChat(readMessages(input), tokenizer)
  if (input.prompt !== undefined) return countPrompt(input.prompt, tokenizer)
  throw new WireError(400, 'input.messages or input.prompt is required', 'input')
}

const formatOf = ({ request, id, isMessage, isIncremental }: FormatParts): AnswerFormat => {
  let events = 0
  const event = (name: string, status: number, json: string): string =>
    `id:${++events}\nevent:${name}\n:HTTP_STATUS/${status}\ndata:${json}\n\n`
  // Until the end the reason is null as a word; each event has the counts up to it.
  const answer = (text: string, outputTokens: number, reason: FinishReason | 'null'): string => {
    const choice = { message: { role: 'assistant', content: text }, finish_reason: reason }
    return asciiJson({
      output: isMessage ? { choices: [choice] } : { text, finish_reason: reason },
      usage: usage(request, outputTokens),
      request_id: id,
    })
  }
  return {
    streamType: 'text/event-stream;charset=UTF-8',
    opening: '',
    token: index => event('result', 200, answer(isIncremental ? word(index) : textOf(index + 1), index + 1, 'null')),
    closing: (outputTokens, reason) =>
      event('result', 200, answer(isIncremental ? '' : textOf(outputTokens), outputTokens, reason)),
    failure: error => event('error', error.status, errorJson(error, id)),
    body: (outputTokens, reason) => answer(textOf(outputTokens), outputTokens, reason),
  }
}

const usage = ({ promptTokens }: GenerationRequest, outputTokens: number): object => ({
  input_tokens: promptTokens,
  output_tokens: outputTokens,
  total_tokens: promptTokens + outputTokens,
})

const errorJson = (error: WireError, id?: string): string =>
  asciiJson({
    code: error.status < 500 ? 'InvalidParameter' : 'InternalError',
    message: error.message,
    ...(id !== undefined && { request_id: id }),
  })
