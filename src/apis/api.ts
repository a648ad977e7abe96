import type { HeaderMap, Message, PromptKind, Turn } from '../model/conversation.ts'
import type { JsonObject } from '../model/json.ts'
import type { RequestSettings, Sampling, Task } from '../model/run-plan.ts'

/** What one of the answers to a request has said so far. */
export interface ChoiceDraft {
  text: string
  reasoning: string
  /** Complete as soon as the answer is, in the form in which a next request repeats them. */
  toolCalls: JsonObject[]
}

/** What an answer has told so far; an API writes here while it reads. */
export interface ResponseDraft extends ChoiceDraft {
  /** Where several answers were asked for: the number of the one above, and what the others say, to be counted. */
  choiceIndex?: number
  otherChoices?: (ChoiceDraft & { readonly index: number })[]
  /** The protocol's own end mark (`finish_reason` or its like) was seen. */
  finished: boolean
  /** Nothing comes after this event, as after OpenAI's `[DONE]`: the request is over though its body may be open. */
  done: boolean
  inputTokens: number | undefined
  outputTokens: number | undefined
  cachedTokens: number | undefined
  reasoningTokens: number | undefined
  /** What stands in its usage where a count should, by its name there: the first such. */
  oddUsage?: string
  /** The server's words, when it reports an error inside an answer. */
  errorMessage: string | undefined
}

/**
 * What one streamed event carried: non-empty output (`answer`, `reasoning`), a choice without output, an error, or
 * nothing that counts (usage, heartbeat).
 */
export type ChunkContent = 'answer' | 'reasoning' | 'choice' | 'other' | 'error'

/** How the events of a stream are told apart. */
export type Framing = 'sse' | 'ndjson'

/**
 * A wire protocol: maps turns to bodies and answers to text and counts. It cannot open sockets, read clocks or count
 * latencies, so a plugin cannot get timing wrong.
 */
export interface Api {
  readonly names: readonly string[]
  /** Known URL endings; the first completes a bare `--url`. */
  readonly endpoints: readonly string[]
  /** Those endings at which prompts are chat messages, if not OpenAI's; elsewhere they are bare strings. */
  readonly chatEndpoints?: readonly string[]
  /** Whether bare text goes as a chat message, as there is no other place for it. */
  readonly textAsMessage?: boolean
  /** Kinds of prompts that it can send; all, where it does not say. */
  readonly sends?: readonly PromptKind[]
  /** Parameters that its bodies have no place for: the user is told when he sets one. */
  readonly unsent?: readonly (keyof Sampling)[]
  /** What it measures: picks figures and tables. Default `generate`. */
  readonly task?: Task
  /** How a streamed answer comes: server-sent events, or a JSON object a line. Default `sse`. */
  readonly framing?: Framing
  /** Where its models are listed, in place of the endpoint's ending. Default `/models`; null where nowhere. */
  readonly modelsPath?: string | null
  /** Protocol headers, and where the key goes; default `Authorization: Bearer`. */
  headers?(apiKey: string | undefined): HeaderMap
  /** Whether a body asks for a stream, where that is not its `stream: true`. */
  asksStream?(body: JsonObject): boolean
  /** Headers of a request that depend on its body, such as one that asks for a stream. */
  requestHeaders?(body: JsonObject): HeaderMap | undefined
  buildRequest(turn: Turn, history: readonly Message[], settings: RequestSettings): JsonObject
  readChunk(chunk: JsonObject, draft: ResponseDraft): ChunkContent
  /** Reads a complete, unstreamed answer; returns what it carried. A bare JSON array comes as `{data: […]}`. */
  readBody(body: JsonObject, draft: ResponseDraft): ChunkContent
}

/** A draft before anything has arrived. */
export const emptyDraft = (): ResponseDraft => ({
  text: '',
  reasoning: '',
  toolCalls: [],
  finished: false,
  done: false,
  inputTokens: undefined,
  outputTokens: undefined,
  cachedTokens: undefined,
  reasoningTokens: undefined,
  errorMessage: undefined,
})
