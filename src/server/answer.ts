import type { ServerResponse } from 'node:http'
import { monotonicMs } from './clock.ts'
import type { Job } from './engine.ts'
import type { GenerationRequest } from './generation-request.ts'
import type { SimulationKnobs } from './knobs.ts'
import { drawOutputTokens } from './latency-model.ts'
import type { TruthEntry, TruthLog } from './truth-log.ts'
import { WireError } from './wire-error.ts'
import type { AnswerFormat, FinishReason } from './wires/wire.ts'

/** Length of an answer and what ends it. */
export interface OutputPlan {
  readonly tokens: number
  readonly reason: FinishReason
  /** The stream breaks off with an in-band error after these tokens. */
  readonly fails: boolean
}

/** Length of the n-th request's answer: drawn, within the request's own bounds; the limit itself with `ignore_eos`. */
export const planOutput = (
  knobs: SimulationKnobs,
  request: GenerationRequest,
  ordinal: number,
  fails: boolean,
): OutputPlan => {
  const wanted = Math.max(drawOutputTokens(knobs, ordinal), request.minTokens)
  const limit = request.maxTokens ?? Infinity
  const full = request.ignoreEos && limit < Infinity ? limit : Math.min(wanted, limit)
  const reason = full === limit || request.ignoreEos ? 'length' : 'stop'
  return { tokens: fails ? Math.ceil(full / 2) : full, reason, fails }
}

/** Where an answer goes. */
export interface AnswerTarget {
  readonly response: ServerResponse
  readonly log: TruthLog
  readonly entry: TruthEntry
}

/** An answer that is written token by token, each in a socket write of its own, stamped just before it. */
export const streamJob = (
  request: GenerationRequest,
  plan: OutputPlan,
  format: AnswerFormat,
  to: AnswerTarget,
): Job => ({
  promptTokens: request.promptTokens,
  outputTokens: plan.tokens,
  emit: (token, dueMs) => {
    const isLast = token === plan.tokens - 1
    const opening = token === 0 ? format.opening : ''
    const text = opening + format.token(token) + (isLast ? streamEnd(plan, format) : '')
    to.log.addWrite(to.entry, dueMs, monotonicMs())
    if (!isLast) return writeAtOnce(to.response, text)
    to.log.close(to.entry, plan.fails ? 'failed' : 'done')
    // Corked until end() has added the terminating chunk: one write, so one moment for all that follows the last token.
    to.response.socket?.cork()
    writeAtOnce(to.response, text)
    to.response.end()
  },
})

/** An answer in one piece, written when its last token is due. */
export const wholeJob = (
  request: GenerationRequest,
  plan: OutputPlan,
  format: AnswerFormat,
  to: AnswerTarget,
): Job => ({
  promptTokens: request.promptTokens,
  outputTokens: plan.tokens,
  emit: (token, dueMs) => {
    if (token < plan.tokens - 1) return
    to.log.addWrite(to.entry, dueMs, monotonicMs())
    to.log.close(to.entry, 'done')
    to.response.setHeader('content-type', 'application/json')
    to.response.end(format.body(plan.tokens, plan.reason))
  },
})

const streamEnd = (plan: OutputPlan, format: AnswerFormat): string =>
  plan.fails ? format.failure(new WireError(500, 'simulated failure midway')) : format.closing(plan.tokens, plan.reason)

/**
 * Writes to the socket itself: `response.write` holds everything back until the turn of the event loop ends, which with
 * 200 streams is milliseconds after the first of them was stamped.
 */
const writeAtOnce = (response: ServerResponse, text: string): void => {
  // No socket: a pipelined request whose turn has not come. Not chunked: HTTP/1.0.
  if (response.socket === null || !response.chunkedEncoding) response.write(text)
  else response.socket.write(`${text.length.toString(16)}\r\n${text}\r\n`, 'latin1')
}
