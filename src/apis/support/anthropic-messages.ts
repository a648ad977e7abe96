import type { Message } from '../../model/conversation.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../../model/json.ts'

/** Chat messages in Anthropic's form: what the system says stands beside them, results of tools are the user's. */
export const anthropicMessages = (messages: readonly Message[]): JsonObject => {
  const system = messages.filter(isSystem).flatMap(({ content }) => blocksOf(content))
  const [only] = system
  const said = messages.filter(message => !isSystem(message)).flatMap(turnOf)
  return {
    ...(only !== undefined && { system: system.length === 1 && isPlainText(only) ? only.text : system }),
    messages: joinResults(said),
  }
}

/** Whether Anthropic would take a message as it is. */
export const isAnthropicMessage = (message: JsonValue): boolean => {
  if (!isJsonObject(message) || (message.role !== 'user' && message.role !== 'assistant')) return false
  const { content, tool_calls: calls } = message
  if (calls !== undefined || content === null) return false
  return !Array.isArray(content) || !content.some(part => isJsonObject(part) && part.type === 'image_url')
}

const isSystem = ({ role }: Message): boolean => role === 'system' || role === 'developer'

const isPlainText = (block: JsonObject): boolean => block.type === 'text' && Object.keys(block).length === 2

/** A message without content is refused: an answer that was nothing but reasoning is left out. */
const turnOf = (message: Message): readonly JsonObject[] => {
  const { role, content, tool_calls: calls, tool_call_id: callId } = message
  if (role === 'tool') {
    const result = { type: 'tool_result', tool_use_id: callId ?? '', content: contentOf(content) }
    return [{ role: 'user', content: [result] }]
  }
  const uses = Array.isArray(calls) ? calls.flatMap(toolUse) : []
  if (uses.length > 0) return [{ role, content: [...blocksOf(content), ...uses] }]
  const said = contentOf(content)
  return role === 'assistant' && said.length === 0 ? [] : [{ role, content: said }]
}

/** All results of one answer's calls have to stand in one message. */
const joinResults = (turns: readonly JsonObject[]): readonly JsonObject[] => {
  const joined: JsonObject[] = []
  for (const turn of turns) {
    const last = joined.at(-1)
    const [before, more] = [resultsOf(last), resultsOf(turn)]
    if (before !== undefined && more !== undefined)
      joined[joined.length - 1] = { ...turn, content: [...before, ...more] }
    else joined.push(turn)
  }
  return joined
}

const resultsOf = (turn: JsonObject | undefined): readonly JsonValue[] | undefined => {
  const content = turn?.role === 'user' && Array.isArray(turn.content) ? (turn.content as readonly JsonValue[]) : []
  const isResults = content.length > 0 && content.every(block => isJsonObject(block) && block.type === 'tool_result')
  return isResults ? content : undefined
}

const toolUse = (call: JsonValue): readonly JsonObject[] => {
  if (!isJsonObject(call) || !isJsonObject(call.function)) return []
  const { name, arguments: text } = call.function
  return [{ type: 'tool_use', id: call.id ?? '', name: name ?? '', input: inputOf(text) }]
}

/** Arguments as the object that they must be; those that a limit cut off are repeated as what they are, a text. */
const inputOf = (text: JsonValue | undefined): JsonObject => {
  try {
    const value: unknown = typeof text === 'string' ? JSON.parse(text) : text
    return isJsonObject(value) ? value : {}
  } catch {
    return { arguments: text ?? '' }
  }
}

const contentOf = (content: JsonValue | undefined): string | readonly JsonObject[] =>
  typeof content === 'string' ? content : blocksOf(content)

/** A content as blocks; a text without characters is refused, and so is none. */
const blocksOf = (content: JsonValue | undefined): readonly JsonObject[] => {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }]
  return Array.isArray(content) ? content.filter(isJsonObject).map(blockOf) : []
}

const blockOf = (part: JsonObject): JsonObject => {
  if (part.type !== 'image_url') return part
  const image = isJsonObject(part.image_url) ? part.image_url.url : part.image_url
  const url = typeof image === 'string' ? image : ''
  const [, mediaType, data] = /^data:([^;,]+);base64,(.*)$/s.exec(url) ?? []
  const source = data === undefined ? { type: 'url', url } : { type: 'base64', media_type: mediaType ?? '', data }
  return { type: 'image', source }
}
