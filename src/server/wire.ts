import type { GenerationRequest } from './generation-request.ts'
import { errorJson, type WireError } from './wire-error.ts'

/** How an output ended. */
export type FinishReason = 'stop' | 'length'

/** One answer in the OpenAI wire format; everything that its chunks share is built once. */
export interface AnswerFormat {
  /** Event of one token. */
  token(index: number): string
  /** What precedes the first token's event: a chunk with the role (chat only). */
  readonly opening: string
  /** What follows the last token's event: the finish chunk, the usage chunk if asked for, and `[DONE]`. */
  closing(outputTokens: number, reason: FinishReason): string
  /** The whole answer as one JSON body. */
  body(outputTokens: number, reason: FinishReason): string
}

/** The format for one request. */
export const answerFormat = (request: GenerationRequest, id: string, createdSec: number): AnswerFormat =>
  request.kind === 'chat' ? chatFormat(request, id, createdSec) : textFormat(request, id, createdSec)

const chatFormat = (request: GenerationRequest, id: string, createdSec: number): AnswerFormat => {
  const head = { id: `chatcmpl-${id}`, object: 'chat.completion.chunk', created: createdSec, model: request.model }
  const chunk = (delta: object, reason: FinishReason | null): string =>
    event({ ...head, choices: [{ index: 0, delta, finish_reason: reason }] })
  const [before, after] = split(chunk({ content: HOLE }, null))
  return {
    token: index => before + word(index) + after,
    opening: chunk({ role: 'assistant', content: '' }, null),
    closing: (outputTokens, reason) => chunk({}, reason) + usageEvent(request, head, outputTokens) + done,
    body: (outputTokens, reason) => {
      const message = { role: 'assistant', content: text(outputTokens) }
      const choices = [{ index: 0, message, finish_reason: reason }]
      return JSON.stringify({ ...head, object: 'chat.completion', choices, usage: usage(request, outputTokens) })
    },
  }
}

const textFormat = (request: GenerationRequest, id: string, createdSec: number): AnswerFormat => {
  const head = { id: `cmpl-${id}`, object: 'text_completion', created: createdSec, model: request.model }
  const choices = (output: string, reason: FinishReason | null): object => ({
    choices: [{ index: 0, text: output, logprobs: null, finish_reason: reason }],
  })
  const [before, after] = split(event({ ...head, ...choices(HOLE, null) }))
  return {
    token: index => before + word(index) + after,
    opening: '',
    closing: (outputTokens, reason) =>
      event({ ...head, ...choices('', reason) }) + usageEvent(request, head, outputTokens) + done,
    body: (outputTokens, reason) =>
      JSON.stringify({ ...head, ...choices(text(outputTokens), reason), usage: usage(request, outputTokens) }),
  }
}

/** What a stream that fails midway ends with, as real engines do it. */
export const failureClosing = (error: WireError): string => `data: ${errorJson(error)}\n\n${done}`

/** Body of `GET /v1/models`. */
export const modelsBody = (modelId: string, createdSec: number): string =>
  JSON.stringify({
    object: 'list',
    data: [{ id: modelId, object: 'model', created: createdSec, owned_by: 'evalscope' }],
  })

/** The output, one word a token, over and over; a word's space belongs to it. */
const words =
  'one token is one word and one word is one chunk so what you count at the far end must come out even'.split(' ')

const word = (index: number): string => ` ${words[index % words.length]}`
const text = (outputTokens: number): string => Array.from({ length: outputTokens }, (_, index) => word(index)).join('')

/** ASCII only, so that a text's length is its length in bytes. */
const event = (payload: object): string =>
  `data: ${JSON.stringify(payload).replace(/[\u0080-\uffff]/g, escapeCharacter)}\n\n`
const escapeCharacter = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
const done = 'data: [DONE]\n\n'

/** Stands where the word goes. The last one counts: before it a model's name may contain anything. */
const HOLE = '<word>'
const split = (eventText: string): readonly [string, string] => {
  const at = eventText.lastIndexOf(HOLE)
  return [eventText.slice(0, at), eventText.slice(at + HOLE.length)]
}

const usage = (request: GenerationRequest, outputTokens: number): object => ({
  prompt_tokens: request.promptTokens,
  completion_tokens: outputTokens,
  total_tokens: request.promptTokens + outputTokens,
})

const usageEvent = (request: GenerationRequest, head: object, outputTokens: number): string =>
  request.includeUsage ? event({ ...head, choices: [], usage: usage(request, outputTokens) }) : ''
