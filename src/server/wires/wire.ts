import type { IncomingHttpHeaders } from 'node:http'
import type { JsonObject } from '../../model/json.ts'
import type { Tokenizer } from '../../tokenizers/tokenizer.ts'
import type { GenerationRequest } from '../generation-request.ts'
import type { WireError } from '../wire-error.ts'

/** How an output ended. */
export type FinishReason = 'stop' | 'length'

/** One answer in a protocol's own words; everything that its chunks share is built once. ASCII only: see `asciiJson`. */
export interface AnswerFormat {
  /** Content type of a stream. */
  readonly streamType: string
  /** What precedes the first token's event, such as a chunk with the role. */
  readonly opening: string
  /** Event of one token. */
  token(index: number): string
  /** What follows the last token's event: the end mark, the usage, and what else the protocol ends with. */
  closing(outputTokens: number, reason: FinishReason): string
  /** What a stream that fails midway ends with, as real engines do it. */
  failure(error: WireError): string
  /** The whole answer as one JSON body. */
  body(outputTokens: number, reason: FinishReason): string
}

/** A request as read: what the engine is asked for, and how its answer is told. */
export interface WireRequest {
  readonly request: GenerationRequest
  format(id: string, createdSec: number): AnswerFormat
}

/** What a wire may look at beside the body. */
export interface WireContext {
  /** Counts prompt tokens; without one, four UTF-8 bytes make a token. */
  readonly tokenizer: Tokenizer | undefined
  readonly headers: IncomingHttpHeaders
}

/** One protocol of the simulated server: one file in this folder, one line in its `index.ts`. */
export interface Wire {
  /** What POST requests to it answer to. */
  readonly paths: readonly string[]
  /** Throws `WireError` with status 400 for what the protocol refuses. */
  read(body: JsonObject, context: WireContext): WireRequest
  /** The body of an answer with an error status. */
  errorBody(error: WireError): string
}

/** JSON with ASCII alone, so that a text's length is its length in bytes. */
export const asciiJson = (payload: object): string =>
  JSON.stringify(payload).replace(/[\u0080-\uffff]/g, escapeCharacter)
const escapeCharacter = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

/** A server-sent event, named where its protocol names events. */
export const sseEvent = (payload: object, name?: string): string =>
  `${name === undefined ? '' : `event: ${name}\n`}data: ${asciiJson(payload)}\n\n`

/** The output, one word a token, over and over; a word's space belongs to it. */
const words =
  'one token is one word and one word is one chunk so what you count at the far end must come out even'.split(' ')

/** Text of token `index`. */
export const word = (index: number): string => ` ${words[index % words.length]}`

/** Text of a whole answer. */
export const textOf = (outputTokens: number): string =>
  Array.from({ length: outputTokens }, (_, index) => word(index)).join('')

/** Stands in an event where a token's text goes; the last one counts, as a model's name may contain anything. */
export const hole = '<word>'

/** Events that differ by their token's text alone, from one that holds `hole` in its place. */
export const tokenEvents = (event: string): ((index: number) => string) => {
  const at = event.lastIndexOf(hole)
  const [before, after] = [event.slice(0, at), event.slice(at + hole.length)]
  return index => before + word(index) + after
}
