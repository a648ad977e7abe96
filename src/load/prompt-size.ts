import type { Conversation, Prompt } from '../model/conversation.ts'
import type { JsonValue } from '../model/json.ts'

/** Size of a conversation's prompts, roughly, in UTF-16 units: what keeps those that are ready in bounds. */
export const conversationSize = ({ turns }: Conversation): number =>
  turns.reduce((sum, { prompt }) => sum + promptSize(prompt), 0)

const promptSize = (prompt: Prompt): number => {
  switch (prompt.kind) {
    case 'text':
      return prompt.text.length
    case 'tokens':
      return prompt.ids.length * 8
    case 'inputs':
      return jsonSize(prompt.inputs)
    case 'rerank':
      return prompt.query.length + jsonSize(prompt.documents)
    case 'messages':
      return prompt.messages.reduce((sum, message) => sum + jsonSize(message), 0)
    case 'body':
      return prompt.text?.length ?? jsonSize(prompt.body)
  }
}

/** Without writing it as a text: images would take milliseconds. */
const jsonSize = (value: JsonValue | undefined): number => {
  if (typeof value === 'string') return value.length
  if (typeof value !== 'object' || value === null) return 8
  const values: readonly JsonValue[] = Array.isArray(value) ? value : Object.values(value)
  return values.reduce<number>((sum, item) => sum + jsonSize(item), 0)
}
