import { randomUUID } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { type AnswerWriter, answerWriter, type OutputEnd } from './local-answer.ts'
import type { LocalModel } from './local-model.ts'
import type { LocalRequest } from './local-request.ts'
import { StopFilter, TokenText } from './output-text.ts'

/** Has the model answer a request, and writes the answer: each token's text as it comes, or all of it in one body. */
export const writeOutput = async (
  model: LocalModel,
  asked: LocalRequest,
  response: ServerResponse,
  createdSec: number,
): Promise<void> => {
  const writer = answerWriter(asked, randomUUID(), createdSec)
  const pieces: string[] = []
  const end = await generate(model, asked, response, text => {
    if (asked.stream) stream(response, writer, writer.piece(text))
    else pieces.push(text)
  })
  if (asked.stream) {
    stream(response, writer, writer.closing(end))
    response.end()
  } else response.setHeader('content-type', 'application/json').end(writer.body(pieces.join(''), end))
}

/** Node sends it at the end of this turn of the event loop: before the next token is computed, which blocks the next. */
const stream = (response: ServerResponse, writer: AnswerWriter, events: string): void => {
  if (response.headersSent) return void response.write(events)
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' })
  response.write(writer.opening + events)
}

/** Tells the text as it comes; stops early when the client is gone. */
const generate = async (
  model: LocalModel,
  { generation, stops }: LocalRequest,
  response: ServerResponse,
  tell: (text: string) => void,
): Promise<OutputEnd> => {
  const { promptIds, endIds, minTokens } = generation
  const text = new TokenText(model.tokenizer, promptIds)
  const filter = new StopFilter(stops)
  let outputTokens = 0
  let hasEnded = false
  const tellSome = (some: string): void => {
    if (some !== '') tell(some)
  }
  await model.generate(generation, id => {
    outputTokens++
    hasEnded = endIds.includes(id)
    if (!hasEnded) {
      const piece = text.push(id)
      // A stop string may not end an output that is shorter than it must be.
      tellSome(outputTokens < minTokens ? piece : filter.push(piece))
    }
    return !hasEnded && !filter.isStopped && !response.destroyed
  })
  if (!filter.isStopped) tellSome(filter.push(text.end()))
  tellSome(filter.end())
  return { reason: hasEnded || filter.isStopped ? 'stop' : 'length', outputTokens }
}
