import type { Conversation } from '../model/conversation.ts'
import type { HubFile } from '../model/hub-file.ts'
import type { DatasetSettings, Task } from '../model/run-plan.ts'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'
import type { DatasetOptions } from './support/options.ts'

/** What a dataset may know when it is opened. */
export interface DatasetContext {
  readonly settings: DatasetSettings
  /** Seed of the run; item i must depend on `(seed, offset, i)` alone. */
  readonly seed: number
  readonly tokenizer: Tokenizer | undefined
  /** Tells the user one line, such as which file is read. */
  readonly say: (line: string) => void
  /** Fires when the user stops: what takes long to prepare may then end with an error, which nobody hears of. */
  readonly signal?: AbortSignal
}

/** Conversations without end, each decided by `(seed, offset, index)` alone: several threads may make them. */
export interface Drawing {
  /** Tokens that are encoded for a conversation on average, roughly: what making one takes. 0 where none are. */
  readonly meanTokens: number
  /** Conversation `index` of the run, from 0. */
  at(index: number): Conversation
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
  /** It does; or only without `--dataset-path`. */
  readonly needsTokenizer?: boolean | 'without path'
  /** Where hubs have its file: without `--dataset-path` it is downloaded, and stands in `settings.path`. */
  readonly hubFile?: HubFile['places']
  /** The same for several files in one directory, which then stands in `settings.path`. */
  readonly hubFiles?: readonly HubFile['places'][]
  /** What is read where that cannot be had, for a line to the user; without, the run ends. */
  readonly sample?: string
  /** Holds prompts that only APIs of this task can send. */
  readonly task?: Task
  /** Conversations have several turns, which asks for `--multi-turn`; a plugin need not say. */
  readonly isMultiTurn?: boolean
  /** Flags that have no effect on it, which the user is told: its turns are recorded, or have output limits of their own. */
  readonly ignores?: readonly ('minTurns' | 'maxTokens')[]
  /** Prompts are whole bodies, which keep what they have: flags fill only what one lacks. */
  readonly hasBodies?: boolean
  /** Conversations tell when they are wanted (`arrivalMs`, never decreasing): for `--open-loop`, once, without `--rate`. */
  readonly hasArrivals?: boolean
  /** The arrival of conversation `index` where it is known without reading that; undefined beyond the last. */
  arrivalMs?(index: number): number | undefined
  /** A conversation takes ms to read, as its images do: a thread reads what is not ready before the load begins. */
  readonly isDear?: boolean
  /** The keys that `--dataset-args` may have. */
  readonly options?: DatasetOptions
  /** `open` makes use of `settings.offset` itself; for others the load loop skips that many conversations. */
  readonly appliesOffset?: boolean
  /**
   * Learns what must be known before runs are planned, such as its size; gives the dataset to use. Called once, with the
   * settings of the first run.
   */
  prepare?(context: DatasetContext): Promise<Dataset>
  /** Draws what a pass would have, any of it; a built-in dataset with this is drawn by threads where that pays. */
  draw?(context: DatasetContext): Drawing | Promise<Drawing>
  open(context: DatasetContext): AsyncIterable<Conversation> | Iterable<Conversation>
}
