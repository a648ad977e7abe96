import { isJsonObject, type JsonObject, type JsonValue } from '../../model/json.ts'
import type { ChoiceDraft, ChunkContent, ResponseDraft } from '../api.ts'

/** More are not asked for; those of a server that numbers them wildly are left out. */
const mostOthers = 127

/**
 * Reads each choice of a chunk or a body into its own part of the draft: the one that came first into the draft itself,
 * any other beside it. Gives the most that one of them carried; undefined where there is none.
 */
export const readChoices = (
  choices: JsonValue | undefined,
  draft: ResponseDraft,
  read: (choice: JsonObject, own: ChoiceDraft) => ChunkContent,
): ChunkContent | undefined => {
  if (!Array.isArray(choices)) return undefined
  let most: ChunkContent | undefined
  for (const [position, choice] of choices.entries()) {
    if (!isJsonObject(choice)) continue
    const own = ownDraft(typeof choice.index === 'number' ? choice.index : position, draft)
    if (own === undefined) continue
    const content = read(choice, own)
    if (most === undefined || ranks.indexOf(content) > ranks.indexOf(most)) most = content
  }
  return most
}

const ranks: readonly ChunkContent[] = ['choice', 'reasoning', 'answer']

const ownDraft = (index: number, draft: ResponseDraft): ChoiceDraft | undefined => {
  draft.choiceIndex ??= index
  if (draft.choiceIndex === index) return draft
  draft.otherChoices ??= []
  const known = draft.otherChoices.find(other => other.index === index)
  if (known !== undefined || draft.otherChoices.length >= mostOthers) return known
  const begun = { index, text: '', reasoning: '', toolCalls: [] }
  draft.otherChoices.push(begun)
  return begun
}
