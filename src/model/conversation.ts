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
  /** A complete request body; flags only fill what it lacks. */
  | { readonly kind: 'body'; readonly body: JsonObject }

/** One request of a conversation. */
export interface Turn {
  readonly prompt: Prompt
  /** Output limit of this turn alone; stands above `--max-tokens`. */
  readonly maxTokens?: number
}

/** A sequence of turns of which each waits for the answer to the one before; a plain prompt has one turn. */
export interface Conversation {
  readonly turns: readonly Turn[]
}
