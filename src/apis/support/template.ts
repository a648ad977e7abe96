import type { Message, Prompt } from '../../model/conversation.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../../model/json.ts'
import { fillPlaces } from './fill-places.ts'

/**
 * A query template with `%m` and `%p` replaced by the model and the prompt's text wherever they stand in a string.
 * `hasPrompt` tells whether the template had a place for the prompt.
 */
export const fillTemplate = (
  template: JsonObject,
  model: string,
  prompt: Prompt,
): { readonly body: JsonObject; readonly hasPrompt: boolean } => {
  const { body, marks } = fillPlaces(template, { '%m': model, '%p': promptText(prompt) })
  return { body, hasPrompt: marks.has('%p') }
}

/** The text of a prompt; of a list of messages, what the user said last. */
const promptText = (prompt: Prompt): string => {
  if (prompt.kind === 'text') return prompt.text
  if (prompt.kind !== 'messages') return ''
  return messageText(prompt.messages.findLast(message => message.role === 'user') ?? prompt.messages.at(-1))
}

/** The text of a message: its content, or the text parts of that; of any other content it is empty. */
export const messageText = (message: Message | undefined): string => {
  if (typeof message?.content === 'string') return message.content
  if (!Array.isArray(message?.content)) return ''
  return message.content
    .map((part: JsonValue) => (isJsonObject(part) && typeof part.text === 'string' ? part.text : ''))
    .join('')
}
