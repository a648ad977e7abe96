import { reasonOf } from '../../errors.ts'
import { isJsonObject, type JsonValue } from '../../model/json.ts'

/** What users and tools said in a trajectory, in order; a text is why there is none. */
export type TrajectoryTexts = readonly string[] | string

/** The texts of a row of SWE-smith-trajectories, written as JSON. */
export const readTrajectory = (row: string): TrajectoryTexts => {
  try {
    const value: JsonValue = JSON.parse(row)
    return readMessages(isJsonObject(value) ? value.messages : undefined)
  } catch (error) {
    return `not valid JSON (${reasonOf(error)})`
  }
}

/**
 * The texts in the `messages` of a row, which are a list, mostly written as JSON in a string. Tools count as users, which
 * every chat template takes; the system's and the assistant's messages are not used.
 */
export const readMessages = (messages: JsonValue | undefined): TrajectoryTexts => {
  try {
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
