import { ArgumentsError } from '../../errors.ts'
import type { Conversation, Prompt } from '../../model/conversation.ts'
import type { DatasetContext } from '../dataset.ts'
import { createLengthLimit } from './input-length.ts'

/** A text as a chat message of the user, or bare. */
export const wrapText = (text: string, chat: boolean): Prompt =>
  chat ? { kind: 'messages', messages: [{ role: 'user', content: text }] } : { kind: 'text', text }

/** A conversation of one request. */
export const singleTurn = (prompt: Prompt): Conversation => ({ turns: [{ prompt }] })

/**
 * One pass over what a file holds: texts within the length limits, wrapped, and prompts that are already complete.
 * Throws at the end when nothing was left, because the next pass would find nothing either.
 */
export async function* usablePrompts(
  items: AsyncIterable<string | Prompt>,
  context: DatasetContext,
  file: string,
): AsyncGenerator<Conversation> {
  const limit = createLengthLimit(context)
  let readCount = 0
  let usedCount = 0
  for await (const item of items) {
    readCount++
    if (typeof item === 'string' && !limit.accepts(item)) continue
    usedCount++
    yield singleTurn(typeof item === 'string' ? wrapText(item, context.settings.chat) : item)
  }
  if (readCount === 0) throw new ArgumentsError(`${file} holds no prompts; give a file with at least one`)
  if (usedCount > 0) return
  const { minPromptLength, maxPromptLength } = context.settings
  throw new ArgumentsError(
    `${file}: ${readCount} prompts read, all outside --min-prompt-length ${minPromptLength} … ` +
      `--max-prompt-length ${maxPromptLength} (${limit.unit}); widen the limits or give another file`,
  )
}
