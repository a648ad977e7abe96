import { reasonOf } from '../../errors.ts'
import { isJsonObject, type JsonValue } from '../../model/json.ts'

/**
 * What users and tools said in a row of SWE-smith-trajectories, in order, or why the row has none: its `messages` are a
 * list, mostly written as JSON in a string. Tools count as users, which every chat template takes; the system's and the
 * assistant's messages are not used.
 */
export const readTrajectory = (text: string): readonly string[] | string => {
  try {
    const row: JsonValue = JSON.parse(text)
    const messages = isJsonObject(row) ? row.messages : undefined
    const list: unknown = typeof messages === 'string' ? JSON.parse(messages) : messages
    return Array.isArray(list) ? list.flatMap(readMessage) : 'no field "messages" with a list in it'
  } catch (error) {
    return `not valid JSON (${reasonOf(error)})`
  }
}

const readMessage = (message: JsonValue): readonly string[] => {
  if (!isJsonObject(message) || (message.role !== 'user' && message.role !== 'tool')) return []
  const content = contentText(message.content)
  return content === '' ? [] : [content]
}

const contentText = (content: JsonValue | undefined): string => {
  if (typeof content === 'string') return content
  return Array.isArray(content) ? content.flatMap(partText).join('\n') : ''
}

const partText = (part: JsonValue): readonly string[] => {
  if (typeof part === 'string') return [part]
  return isJsonObject(part) && part.type === 'text' && typeof part.text === 'string' ? [part.text] : []
}
