import type { ConversationSummary } from '../model/result.ts'
import { decimalText } from './decimal.ts'

/** How a run came to its end. */
export interface Ending {
  /** Of `--duration`, where that and no signal ended the run. */
  readonly durationMs: number | undefined
  readonly cutOffRequests: number
}

/** What a reader should know beside the figures of conversations. */
export const conversationNotes = (
  conversations: ConversationSummary | undefined,
  ending: Ending,
): readonly (string | undefined)[] =>
  conversations === undefined
    ? []
    : [abandonedNote(conversations), cutOffNote(conversations, ending), estimateNote(conversations)]

const abandonedNote = ({ abandoned, begun }: ConversationSummary): string | undefined =>
  abandoned > 0
    ? `Abandoned after a failed turn: ${abandoned} of ${counted(begun)}. Later turns were not sent; figures of conversations cover those before.`
    : undefined

const cutOffNote = ({ cutOff, begun }: ConversationSummary, ending: Ending): string | undefined => {
  if (cutOff === 0) return undefined
  const { durationMs, cutOffRequests } = ending
  // The others had no request under way: one that comes too late is not waited for, so a run may end long before.
  const between = cutOff - cutOffRequests
  const why =
    durationMs === undefined || between <= 0
      ? ''
      : ` The next turn of ${between} would have begun after --duration ${decimalText(durationMs / 1000, 3)} s.`
  return `Not over when the run was: ${cutOff} of ${counted(begun)}.${why} Figures of conversations cover the turns that were answered.`
}

const estimateNote = ({ estimatedCachedPercent }: ConversationSummary): string | undefined =>
  estimatedCachedPercent === undefined
    ? undefined
    : 'Cache hit rates marked as estimated are no measurement: where the server reports no cached tokens for a conversation, they take all that a turn repeats of the one before it as cached.'

const counted = (count: number): string => `${count} conversation${count === 1 ? '' : 's'}`
