import { ArgumentsError } from '../../errors.ts'
import type { Conversation, Message, Prompt } from '../../model/conversation.ts'
import type { DatasetContext } from '../dataset.ts'
import { createLengthLimit } from './input-length.ts'
import { createTargetLength, type TargetLength, type TextMessage } from './target-length.ts'

/** A text as a chat message of the user, or bare. */
export const wrapText = (text: string, chat: boolean): Prompt =>
  chat ? { kind: 'messages', messages: [{ role: 'user', content: text }] } : { kind: 'text', text }

/** A conversation of one request. */
export const singleTurn = (prompt: Prompt): Conversation => ({ turns: [{ prompt }] })

/** A conversation that is sent in one request: all messages of it are texts, the last one is the question. */
export interface Talk {
  readonly talk: readonly TextMessage[]
}

/**
 * One pass over what a file holds: texts and conversations within the length limits, wrapped, and prompts that are
 * already complete. The length of a conversation is that of its last message.
 * Where `--dataset-args` ask for one length (`lengthOptions`), texts and messages are brought to it instead.
 * Throws at the end when nothing was left, because the next pass would find nothing either.
 */
export async function* usablePrompts(
  items: AsyncIterable<string | Talk | Prompt>,
  context: DatasetContext,
  file: string,
): AsyncGenerator<Conversation> {
  const target = await createTargetLength(context)
  const fit = target === undefined ? createFilter(context) : createFit(target, context.settings.chat)
  let readCount = 0
  let usedCount = 0
  for await (const item of items) {
    readCount++
    const prompt = fit.prompt(item)
    if (prompt === undefined) continue
    usedCount++
    yield singleTurn(prompt)
  }
  if (readCount === 0) throw new ArgumentsError(`${file} holds no prompts; give a file with at least one`)
  if (usedCount === 0) throw new ArgumentsError(`${file}: ${readCount} prompts read, all ${fit.skips}`)
}

interface Fit {
  /** What is sent; `undefined` for what is skipped. */
  prompt(item: string | Talk | Prompt): Prompt | undefined
  /** What all skipped ones are, and what to do. */
  readonly skips: string
}

const createFilter = (context: DatasetContext): Fit => {
  const limit = createLengthLimit(context)
  const { minPromptLength, maxPromptLength, chat } = context.settings
  return {
    prompt: item => {
      if (typeof item === 'string') return limit.accepts(item) ? wrapText(item, chat) : undefined
      if (!('talk' in item)) return item
      return limit.accepts(item.talk.at(-1)?.content ?? '') ? wrapMessages(item.talk, chat) : undefined
    },
    skips:
      `outside --min-prompt-length ${minPromptLength} … --max-prompt-length ${maxPromptLength} (${limit.unit}); ` +
      'widen the limits or give another file',
  }
}

const createFit = ({ fitText, fitMessages, skips }: TargetLength, chat: boolean): Fit => ({
  prompt: item => {
    if (typeof item === 'string') return wrapMessages(fitText(item), chat)
    if ('talk' in item) return wrapMessages(fitMessages(item.talk), chat)
    return item.kind === 'messages' && isTexts(item.messages) ? wrapMessages(fitMessages(item.messages), true) : item
  },
  skips,
})

const wrapMessages = (messages: readonly TextMessage[] | undefined, chat: boolean): Prompt | undefined => {
  if (messages === undefined || chat) return messages && { kind: 'messages', messages }
  return { kind: 'text', text: messages.map(({ content }) => content).join('\n\n') }
}

const isTexts = (messages: readonly Message[]): messages is readonly TextMessage[] =>
  messages.every(({ content }) => typeof content === 'string')
