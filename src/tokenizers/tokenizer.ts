import type { Message } from '../model/conversation.ts'
import type { ChatOptions } from './chat-options.ts'

/** A model's own tokenizer, used before and after a run, never on the timing path. */
export interface Tokenizer {
  /**
   * Ids of the bare text; `addSpecialTokens` puts the model's own marks around it (default false). With `pair` both texts,
   * as a cross-encoder reads them.
   */
  encode(text: string, addSpecialTokens?: boolean, pair?: string): readonly number[]
  /** Text of the ids, special tokens left out. */
  decode(ids: readonly number[]): string
  /** Ids of the messages in the model's chat template, with the generation prompt by default; throws without one. */
  encodeChat(messages: readonly Message[], options?: ChatOptions): readonly number[]
  readonly hasChatTemplate: boolean
  /** Ids that stand for ordinary text: the vocabulary without special and byte-fallback tokens, ascending. */
  ordinaryIds(): readonly number[]
}
