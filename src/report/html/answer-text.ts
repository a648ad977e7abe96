import { isJsonObject, type JsonObject, type JsonValue } from '../../model/json.ts'

/** What a stored answer says in words, reasoning first; undefined where it has none, as vectors have. */
export const answerText = (responseJson: string): string | undefined => {
  const answer = parsed(responseJson)
  const said: Said = { reasoning: '', text: '' }
  for (const part of Array.isArray(answer) ? answer : [answer]) if (isJsonObject(part)) addPart(said, part)
  const { reasoning, text } = said
  if (reasoning === '' && text === '') return undefined
  return reasoning === '' ? text : `<think>${reasoning}</think>\n${text}`
}

const parsed = (json: string): JsonValue | undefined => {
  try {
    return JSON.parse(json) as JsonValue
  } catch {
    return undefined
  }
}

/** Of all parts so far. */
interface Said {
  reasoning: string
  text: string
}

/** A page has up to 1600 answers of as many parts as tokens: a list for each would take half a second more. */
const addPart = (said: Said, part: JsonObject): void => {
  said.text += stringOf(part.text) + stringOf(part.response)
  if (part.type === 'response.output_text.delta') said.text += stringOf(part.delta)
  said.reasoning += stringOf(part.reasoning) + stringOf(part.thinking)
  for (const message of messagesIn(part)) {
    const { reasoning_content, reasoning, thinking } = message
    said.text += stringOf(message.text) + contentOf(message.content)
    said.reasoning += stringOf(reasoning_content ?? reasoning ?? thinking)
  }
}

/** The objects of a chunk or body that may hold a message or a piece of one, by OpenAI, DashScope, Anthropic, Ollama. */
const messagesIn = (part: JsonObject): readonly JsonObject[] => {
  const found: JsonObject[] = []
  const take = (value: JsonValue | undefined): void => {
    if (isJsonObject(value)) found.push(value)
  }
  const takeChoice = (choices: JsonValue | undefined): void => {
    const [choice] = Array.isArray(choices) ? choices : []
    if (!isJsonObject(choice)) return
    found.push(choice)
    take(choice.delta)
    take(choice.message)
  }
  takeChoice(part.choices)
  take(part.message)
  take(part.delta)
  if (isJsonObject(part.output)) {
    takeChoice(part.output.choices)
    found.push(part.output)
  }
  if (Array.isArray(part.output) && part.type === undefined) part.output.forEach(take)
  if (Array.isArray(part.content)) found.push({ content: part.content })
  return found
}

/** A string, or a list of parts with a text each. */
const contentOf = (content: JsonValue | undefined): string =>
  Array.isArray(content)
    ? content.map(item => (isJsonObject(item) ? stringOf(item.text) : '')).join('')
    : stringOf(content)

const stringOf = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '')
