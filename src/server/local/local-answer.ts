import type { FinishReason } from '../wires/wire.ts'
import type { LocalRequest } from './local-request.ts'

/** How an output ended, and how long it became. */
export interface OutputEnd {
  readonly reason: FinishReason
  readonly outputTokens: number
}

/** One answer in OpenAI's words. */
export interface AnswerWriter {
  /** What precedes the first event with text. */
  readonly opening: string
  /** Event of a piece of text. */
  piece(text: string): string
  /** Everything after the last piece. */
  closing(end: OutputEnd): string
  /** The whole answer as one body. */
  body(text: string, end: OutputEnd): string
}

/** Tells an answer as a chat's, or as a completion's. */
export const answerWriter = (request: LocalRequest, id: string, createdSec: number): AnswerWriter =>
  request.isChat ? chatWriter(request, id, createdSec) : textWriter(request, id, createdSec)

const event = (payload: object): string => `data: ${JSON.stringify(payload)}\n\n`

const chatWriter = (request: LocalRequest, id: string, created: number): AnswerWriter => {
  const head = { id: `chatcmpl-${id}`, object: 'chat.completion.chunk', created, model: request.modelName }
  const chunk = (delta: object, reason: FinishReason | null = null): string =>
    event({ ...head, choices: [{ index: 0, delta, finish_reason: reason }] })
  return {
    opening: chunk({ role: 'assistant', content: '' }),
    piece: content => chunk({ content }),
    closing: end => chunk({}, end.reason) + usageEvent(request, head, end) + done,
    body: (content, end) => {
      const choice = { index: 0, message: { role: 'assistant', content }, finish_reason: end.reason }
      return JSON.stringify({ ...head, object: 'chat.completion', choices: [choice], usage: usage(request, end) })
    },
  }
}

const textWriter = (request: LocalRequest, id: string, created: number): AnswerWriter => {
  const head = { id: `cmpl-${id}`, object: 'text_completion', created, model: request.modelName }
  const choices = (text: string, reason: FinishReason | null): object => ({
    choices: [{ index: 0, text, logprobs: null, finish_reason: reason }],
  })
  return {
    opening: '',
    piece: text => event({ ...head, ...choices(text, null) }),
    closing: end => event({ ...head, ...choices('', end.reason) }) + usageEvent(request, head, end) + done,
    body: (text, end) => JSON.stringify({ ...head, ...choices(text, end.reason), usage: usage(request, end) }),
  }
}

/** The end mark of a stream. */
export const done = 'data: [DONE]\n\n'

const usage = ({ generation }: LocalRequest, { outputTokens }: OutputEnd): object => ({
  prompt_tokens: generation.promptIds.length,
  completion_tokens: outputTokens,
  total_tokens: generation.promptIds.length + outputTokens,
})

const usageEvent = (request: LocalRequest, head: object, end: OutputEnd): string =>
  request.includeUsage ? event({ ...head, choices: [], usage: usage(request, end) }) : ''
