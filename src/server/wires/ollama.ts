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
import { type AnswerFormat, asciiJson, hole, textOf, tokenEvents, type Wire } from './wire.ts'

/** Ollama's chat. */
export const ollamaChat: Wire = {
  paths: ['/api/chat'],
  read: (body, { tokenizer }) => {
    const messages = readMessages(body)
    // Ollama itself knows no parts.
    if (messages.some(({ content }) => typeof content !== 'string')) {
      throw new WireError(400, 'the content of a message must be a string')
    }
    return wireRequest(body, countChat(messages, tokenizer), text => ({
      message: { role: 'assistant', content: text },
    }))
  },
  errorBody: error => asciiJson({ error: error.message }),
}

/** Ollama's completions. */
export const ollamaGenerate: Wire = {
  paths: ['/api/generate'],
  read: (body, { tokenizer }) => wireRequest(body, countPrompt(body.prompt, tokenizer), text => ({ response: text })),
  errorBody: error => asciiJson({ error: error.message }),
}

/** How a text is told. */
type Said = (text: string) => object

const wireRequest = (body: JsonObject, promptTokens: number, said: Said): ReturnType<Wire['read']> => {
  const model = readModel(body)
  // It streams unless it is told not to.
  const request = { stream: body.stream !== false, promptTokens, ...readLimits(optionsOf(body), 'num_predict') }
  return { request, format: (_, createdSec) => formatOf({ request, model, createdSec, said }) }
}

/** Below 0 the number of tokens is not limited. */
const optionsOf = ({ options }: JsonObject): JsonObject => {
  if (!isJsonObject(options)) return {}
  const { num_predict: limit, ...others } = options
  return typeof limit === 'number' && limit < 0 ? others : options
}

interface FormatParts {
  readonly request: GenerationRequest
  readonly model: string
  readonly createdSec: number
  readonly said: Said
}

const formatOf = ({ request, model, createdSec, said }: FormatParts): AnswerFormat => {
  const head = { model, created_at: new Date(createdSec * 1000).toISOString() }
  const last: AnswerFormat['body'] = (outputTokens, reason) =>
    asciiJson({
      ...head,
      ...said(request.stream ? '' : textOf(outputTokens)),
      done: true,
      done_reason: reason,
      prompt_eval_count: request.promptTokens,
      eval_count: outputTokens,
    })
  return {
    streamType: 'application/x-ndjson',
    opening: '',
    token: tokenEvents(`${asciiJson({ ...head, ...said(hole), done: false })}\n`),
    closing: (outputTokens, reason) => `${last(outputTokens, reason)}\n`,
    failure: error => `${asciiJson({ error: error.message })}\n`,
    body: last,
  }
}
