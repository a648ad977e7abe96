import { ArgumentsError } from '../../errors.ts'
import type { Prompt } from '../../model/conversation.ts'
import type { JsonObject } from '../../model/json.ts'
import type { DatasetContext } from '../dataset.ts'

/** A message of the user: its text, where it has one, then images by their addresses. */
export const imagePrompt = (text: string, urls: readonly string[]): Prompt => {
  const images = urls.map((url): JsonObject => ({ type: 'image_url', image_url: { url } }))
  // Some servers refuse a part without text.
  const content = text === '' ? images : [{ type: 'text', text }, ...images]
  return { kind: 'messages', messages: [{ role: 'user', content }] }
}

/** Refuses what cannot carry an image: bare texts and token ids. */
export const requireImageMessages = ({ settings }: DatasetContext): void => {
  const { spec, chat, tokenizePrompt } = settings
  if (tokenizePrompt) {
    throw new ArgumentsError(`--dataset ${spec} sends images, which have no token ids; leave out --tokenize-prompt`)
  }
  if (chat) return
  throw new ArgumentsError(
    `--dataset ${spec} sends images in chat messages; give a --url that takes them, such as one that ends in ` +
      '/chat/completions, without --no-apply-chat-template',
  )
}
