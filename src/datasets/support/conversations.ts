import { ArgumentsError } from '../../errors.ts'
import type { Conversation, Message } from '../../model/conversation.ts'
import { isJsonObject } from '../../model/json.ts'
import type { DatasetContext } from '../dataset.ts'
import { createLengthLimit } from './input-length.ts'

/** What one turn of a recorded conversation adds to the history: all messages between two answers. */
export type TurnMessages = readonly Message[]

/** Whether a value is a recorded message. An answer of tool calls may have no content; it is not sent anyway. */
export const isMessage = (value: unknown): value is Message =>
  isJsonObject(value) && typeof value.role === 'string' && (value.content !== undefined || value.role === 'assistant')

/**
 * One pass over the conversations of a file: those whose first message of the user, where it is a text, is within the
 * length limits, each cut to `maxTurns`. Throws at the end when nothing was left.
 */
export async function* usableConversations(
  items: AsyncIterable<readonly TurnMessages[]>,
  context: DatasetContext,
  file: string,
): AsyncGenerator<Conversation> {
  const { minPromptLength, maxPromptLength, maxTurns } = context.settings
  const limit = createLengthLimit(context)
  let readCount = 0
  let usedCount = 0
  for await (const item of items) {
    readCount++
    const text = firstUserText(item)
    if (text !== undefined && !limit.accepts(text)) continue
    usedCount++
    yield { turns: item.slice(0, maxTurns).map(messages => ({ prompt: { kind: 'messages', messages } })) }
  }
  if (readCount === 0) throw new ArgumentsError(`${file} holds no conversations; give a file with at least one`)
  if (usedCount > 0) return
  throw new ArgumentsError(
    `${file}: ${readCount} conversations read, all with a first user message outside --min-prompt-length ` +
      `${minPromptLength} … --max-prompt-length ${maxPromptLength} (${limit.unit}); widen the limits or give another file`,
  )
}

const firstUserText = (item: readonly TurnMessages[]): string | undefined => {
  const content = item.flat().find(message => message.role === 'user')?.content
  return typeof content === 'string' ? content : undefined
}
