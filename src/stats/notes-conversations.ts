import type { ConversationSummary } from '../model/result.ts'

/** What a reader should know beside the figures of conversations. */
export const conversationNotes = (conversations: ConversationSummary | undefined): readonly (string | undefined)[] =>
  conversations === undefined
    ? []
    : [abandonedNote(conversations), cutOffNote(conversations), estimateNote(conversations)]

const abandonedNote = ({ abandoned, begun }: ConversationSummary): string | undefined =>
  abandoned > 0
    ? `Abandoned after a failed turn: ${abandoned} of ${counted(begun)}. Later turns were not sent; figures of conversations cover those before.`
    : undefined

const cutOffNote = ({ cutOff, begun }: ConversationSummary): string | undefined =>
  cutOff > 0
    ? `Not over when the run was: ${cutOff} of ${counted(begun)}. Figures of conversations cover the turns that were answered.`
    : undefined

const estimateNote = ({ estimatedCachedPercent }: ConversationSummary): string | undefined =>
  estimatedCachedPercent === undefined
    ? undefined
    : 'Cache hit rates marked as estimated are no measurement: where the server reports no cached tokens for a conversation, they take all that a turn repeats of the one before it as cached.'

const counted = (count: number): string => `${count} conversation${count === 1 ? '' : 's'}`
