import type { Message, Prompt } from '../../model/conversation.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../../model/json.ts'

/**
 * A query template with `%m` and `%p` replaced by the model and the prompt's text wherever they stand in a string.
 * `hasPrompt` tells whether the template had a place for the prompt.
 */
export const fillTemplate = (
  template: JsonObject,
  model: string,
  prompt: Prompt,
): { readonly body: JsonObject; readonly hasPrompt: boolean } => {
  const text = promptText(prompt)
  let hasPrompt = false
  const fill = (value: JsonValue): JsonValue => {
    if (typeof value === 'string') {
      // One pass, so that a prompt which itself contains %m or %p goes out as it is.
      return value.replace(/%[mp]/g, mark => {
        if (mark === '%m') return model
        hasPrompt = true
        return text
      })
    }
    if (Array.isArray(value)) return value.map(fill)
    if (isJsonObject(value)) return fillObject(value)
    return value
  }
  const fillObject = (object: JsonObject): JsonObject =>
    Object.fromEntries(Object.entries(object).map(([key, value]) => [key, fill(value as JsonValue)]))
  return { body: fillObject(template), hasPrompt }
}

/** The text of a prompt; of a list of messages, what the user said last. */
const promptText = (prompt: Prompt): string => {
  if (prompt.kind === 'text') return prompt.text
  if (prompt.kind !== 'messages') return ''
  return contentText(prompt.messages.findLast(message => message.role === 'user') ?? prompt.messages.at(-1))
}

const contentText = (message: Message | undefined): string => {
  if (typeof message?.content === 'string') return message.content
  if (!Array.isArray(message?.content)) return ''
  return message.content
    .map((part: JsonValue) => (isJsonObject(part) && typeof part.text === 'string' ? part.text : ''))
    .join('')
}
