import type { Dataset, DatasetContext } from '../datasets/dataset.ts'
import { tokenizeConversation } from '../datasets/support/tokenize.ts'
import { ArgumentsError } from '../errors.ts'
import type { Conversation } from '../model/conversation.ts'
import type { RunPlan } from '../model/run-plan.ts'
import { rngFor } from '../stats/rng.ts'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'

/** Makes the last changes to conversation `index` of a run. */
export type Finish = (conversation: Conversation, index: number) => Conversation

/** What a plan changes in conversations as datasets give them: token ids for texts, output limits that are drawn. */
export const finishFor = ({ dataset, request, seed }: RunPlan, tokenizer: Tokenizer | undefined): Finish => {
  const encoder = dataset.tokenizePrompt ? tokenizer : undefined
  const range = request.chosen.maxTokens ?? request.defaults.maxTokens
  return (conversation, index) => {
    const inIds = encoder === undefined ? conversation : tokenizeConversation(conversation, encoder)
    if (range === undefined || range.min === range.max) return inIds
    const rng = rngFor(seed, 'max-tokens', dataset.offset + index)
    const turns = inIds.turns.map(turn => ({ maxTokens: rng.integer(range.min, range.max), ...turn }))
    return { ...inIds, turns }
  }
}

/** What a run's conversations are made from, in whichever thread. */
export interface ConversationParts {
  readonly dataset: Dataset
  readonly context: DatasetContext
  readonly finish: Finish
}

/**
 * The conversations of a run in order: from its offset on, and the dataset again from its start when a pass is over,
 * unless it has times of its own. What is skipped for the offset may take long: `isClosed` is asked meanwhile.
 */
export async function* conversationsOf(
  { dataset, context, finish }: ConversationParts,
  isClosed: () => boolean = () => false,
): AsyncGenerator<Conversation> {
  let index = 0
  let toSkip = dataset.appliesOffset ? 0 : context.settings.offset
  for (;;) {
    let read = 0
    for await (const conversation of dataset.open(context)) {
      if (isClosed()) return
      read++
      if (toSkip > 0) toSkip--
      else yield finish(conversation, index++)
    }
    // An offset beyond the end goes round; whole rounds need not be read again.
    toSkip %= Math.max(1, read)
    if (read === 0) {
      throw new ArgumentsError(`dataset ${context.settings.spec} is empty: it gave no prompt; give one that has some`)
    }
    // A second pass would be wanted at times that have gone by.
    if (dataset.hasArrivals) return
  }
}

/** Which conversations of a run one of several threads makes: from `first` on each `step`th, below `count`. */
export interface Share {
  readonly first: number
  readonly step: number
  readonly count: number
}

/** The same, where any is drawn by itself. */
export async function* drawnConversations(
  { dataset, context, finish }: ConversationParts,
  { first, step, count }: Share,
): AsyncGenerator<Conversation> {
  const drawing = await dataset.draw?.(context)
  if (drawing === undefined) throw new Error(`dataset ${context.settings.spec} is not drawn`)
  for (let index = first; index < count; index += step) yield finish(drawing.at(index), index)
}
