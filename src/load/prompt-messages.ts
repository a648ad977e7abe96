import type { Conversation } from '../model/conversation.ts'
import type { RunPlan } from '../model/run-plan.ts'
import type { Share } from './conversations.ts'

/** What a thread that makes prompts is started with. */
export interface PromptThreadSetup {
  /** Directory of the tokenizer, which each thread loads by itself. */
  readonly tokenizerPath: string | undefined
}

/** What such a thread is to make for a run: all of a dataset that is read in order, a share of one that is drawn. */
export interface PromptJob {
  readonly plan: RunPlan
  readonly share: Share
}

/** What it is told; jobs are numbered, and a new one ends the one before. */
export type PromptOrder =
  | { readonly kind: 'make'; readonly number: number; readonly job: PromptJob }
  /** So much of what was made has been taken. */
  | { readonly kind: 'taken'; readonly number: number; readonly size: number }
  | { readonly kind: 'end' }

/** What it tells. */
export type PromptReport =
  | {
      readonly kind: 'made'
      readonly number: number
      readonly conversations: readonly Conversation[]
      readonly size: number
    }
  /** There are no more; `mistake` is what the user can mend. */
  | { readonly kind: 'over'; readonly number: number; readonly mistake: string | undefined }
  | { readonly kind: 'say'; readonly line: string }
