import type { JsonObject, JsonValue } from './json.ts'

/** HTTP header names and values; names are compared without regard to case. */
export type HeaderMap = Readonly<Record<string, string>>

/** One chat message as it goes over the wire; keys beyond these two are passed on. */
export interface Message {
  readonly role: string
  readonly content: JsonValue
  readonly [key: string]: JsonValue | undefined
}

/** What is asked in one turn. An API maps it to its own body. */
export type Prompt =
  | { readonly kind: 'messages'; readonly messages: readonly Message[] }
  | { readonly kind: 'text'; readonly text: string }
  /** `--tokenize-prompt`: the ids themselves are sent. */
  | { readonly kind: 'tokens'; readonly ids: readonly number[] }
  /** Texts of which each is to become a vector. */
  | { readonly kind: 'inputs'; readonly inputs: readonly string[] }
  /** Documents that are to be ranked by how well they answer a query. */
  | { readonly kind: 'rerank'; readonly query: string; readonly documents: readonly string[] }
  /**
   * A complete request body; flags only fill what it lacks. One with a `text`, its JSON, is a recorded one: no defaults
   * fill it, only the model and what the user set; where that is nothing, the text is sent.
   */
  | { readonly kind: 'body'; readonly body: JsonObject; readonly text?: string }

/** How a prompt is given. */
export type PromptKind = Prompt['kind']

/** One request of a conversation. */
export interface Turn {
  readonly prompt: Prompt
  /** Output limit of this turn alone; stands above `--max-tokens`. */
  readonly maxTokens?: number
  /** Waited before it is sent, from the end of the answer to the turn before: think time, or a tool's latency; in ms. */
  readonly waitMs?: number
}

/** A sequence of turns of which each waits for the answer to the one before; a plain prompt has one turn. */
export interface Conversation {
  readonly turns: readonly Turn[]
  /** `x-request-id` of its only turn, in place of ours. */
  readonly requestId?: string
  /** Sent with each of its requests, above those of `--headers`. */
  readonly headers?: HeaderMap
  /** When it is wanted, in ms since the first of its dataset; of datasets with arrivals of their own. */
  readonly arrivalMs?: number
}
