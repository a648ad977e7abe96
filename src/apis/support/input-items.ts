import type { Message } from '../../model/conversation.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../../model/json.ts'

/** Chat messages as the input items of OpenAI's Responses API, where calls and their results are items of their own. */
export const inputItems = (messages: readonly Message[]): readonly JsonObject[] => messages.flatMap(itemsOf)

const itemsOf = (message: Message): readonly JsonObject[] => {
  const { role, content, tool_calls: calls, tool_call_id: callId } = message
  if (role === 'tool') {
    return [{ type: 'function_call_output', call_id: callId ?? '', output: contentOf('user', content) }]
  }
  const callItems = Array.isArray(calls) ? calls.flatMap(callItem) : []
  const saysNothing = content === null || content === undefined || content === ''
  return callItems.length > 0 && saysNothing ? callItems : [{ role, content: contentOf(role, content) }, ...callItems]
}

const callItem = (call: JsonValue): readonly JsonObject[] => {
  if (!isJsonObject(call) || !isJsonObject(call.function)) return []
  const { name, arguments: text } = call.function
  return [{ type: 'function_call', call_id: call.id ?? '', name: name ?? '', arguments: text ?? '{}' }]
}

const contentOf = (role: string, content: JsonValue | undefined): JsonValue =>
  Array.isArray(content) ? content.map(part => partOf(role, part)) : (content ?? '')

/** A part in the protocol's form; one that is neither text nor image goes out as it is. */
const partOf = (role: string, part: JsonValue): JsonValue => {
  if (!isJsonObject(part)) return part
  if (part.type === 'text') return { type: role === 'assistant' ? 'output_text' : 'input_text', text: part.text ?? '' }
  if (part.type !== 'image_url') return part
  const image = part.image_url
  if (!isJsonObject(image)) return { type: 'input_image', image_url: image ?? '', detail: 'auto' }
  return { type: 'input_image', image_url: image.url ?? '', detail: image.detail ?? 'auto' }
}
