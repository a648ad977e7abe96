import type { Api } from '../../src/apis/api.ts'
import type { RequestRecord } from '../../src/model/record.ts'
import { ask, planFor } from './ask.ts'
import { httpChunk, lastChunk, pause, plainAnswer, startRawServer } from './raw-server.ts'

/** Between two pieces of an answer, in ms. */
export const pieceGapMs = 25

/** The record of one request whose answer is exactly this: the first piece at once, each other one after a pause. */
export const recordOf = async (api: Api, pieces: readonly string[], asksStream = true): Promise<RequestRecord> => {
  const server = await startRawServer(async socket => {
    for (const [at, piece] of pieces.entries()) {
      if (at > 0) await pause(pieceGapMs)
      socket.write(piece)
    }
  })
  const [record] = await ask(planFor(server.url), 1, api, asksStream)
  await server.close()
  if (record === undefined) throw new Error('no record')
  return record
}

/** A streamed answer: each piece in an HTTP chunk and a write of its own, the end of the body with the last. */
export const streamed = (type: string, pieces: readonly string[]): readonly string[] => [
  `HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\ntransfer-encoding: chunked\r\n\r\n`,
  ...pieces.map((piece, at) => httpChunk(piece) + (at === pieces.length - 1 ? lastChunk : '')),
]

/** An answer in one piece, with this status. */
export const whole = (status: string, body: unknown): readonly string[] => [
  plainAnswer(status, 'application/json', typeof body === 'string' ? body : JSON.stringify(body)),
]

/** All of a record that does not depend on the clock. */
export const timeless = ({ responseJson, ...record }: RequestRecord): object => ({
  isStream: record.isStream,
  chunkCount: record.chunkCount,
  hasFirstToken: record.ttftUs !== undefined,
  eventsPerReadMax: record.eventsPerReadMax,
  inputTokens: record.inputTokens,
  outputTokens: record.outputTokens,
  cachedTokens: record.cachedTokens,
  reasoningTokens: record.reasoningTokens,
  tokenSource: record.tokenSource,
  statusCode: record.statusCode,
  failure: record.failure,
  events: responseJson === undefined ? undefined : JSON.parse(responseJson),
})
