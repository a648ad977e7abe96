import type { Conversation } from '../model/conversation.ts'
import type { DatasetSettings } from '../model/run-plan.ts'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'

/** What a dataset may know when it is opened. */
export interface DatasetContext {
  readonly settings: DatasetSettings
  /** Seed of the run; item i must depend on `(seed, offset, i)` alone. */
  readonly seed: number
  readonly tokenizer: Tokenizer | undefined
  /** Tells the user one line, such as which file is read. */
  readonly say: (line: string) => void
}

/**
 * A source of conversations: one file in this folder and one line in its `index.ts`.
 * `open` yields one pass; the load loop opens it again when a run needs more.
 */
export interface Dataset {
  readonly names: readonly string[]
  /** Conversations of one pass, where the set is built in and finite; the default of `--number`. */
  readonly size?: number
  /** Prompts are plain strings for `/completions`; a chat URL is redirected. */
  readonly plainPrompts?: boolean
  readonly needsTokenizer?: boolean
  /** `open` makes use of `settings.offset` itself; for others the load loop skips that many conversations. */
  readonly appliesOffset?: boolean
  open(context: DatasetContext): AsyncIterable<Conversation> | Iterable<Conversation>
}
