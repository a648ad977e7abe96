import { isJsonObject, type JsonObject, type JsonValue } from '../../model/json.ts'

/** What a stored answer says in words, reasoning first; undefined where it has none, as vectors have. */
export const answerText = (responseJson: string): string | undefined => {
  const answer = parsed(responseJson)
  const [reasoning, text] = [[] as string[], [] as string[]]
  for (const part of Array.isArray(answer) ? answer : [answer]) {
    if (!isJsonObject(part)) continue
    reasoning.push(...reasoningIn(part))
    text.push(...textIn(part))
  }
  const [thought, said] = [reasoning.join(''), text.join('')]
  if (thought === '' && said === '') return undefined
  return thought === '' ? said : `<think>${thought}</think>\n${said}`
}

const parsed = (json: string): JsonValue | undefined => {
  try {
    return JSON.parse(json) as JsonValue
  } catch {
    return undefined
  }
}

/** Where the protocols have text: OpenAI, Ollama, DashScope, Anthropic, Responses, and what we keep as text alone. */
const textIn = (part: JsonObject): readonly string[] => [
  ...strings(part.text, part.response),
  ...isEventOf(part, 'response.output_text.delta'),
  ...messagesIn(part).flatMap(message => [...strings(message.text), ...contentOf(message.content)]),
]

const reasoningIn = (part: JsonObject): readonly string[] => [
  ...strings(part.reasoning, part.thinking),
  ...messagesIn(part).flatMap(({ reasoning_content, reasoning, thinking }) =>
    strings(reasoning_content ?? reasoning ?? thinking),
  ),
]

/** The objects of a chunk or body that may hold a message or a piece of one. */
const messagesIn = (part: JsonObject): readonly JsonObject[] => {
  const output = isJsonObject(part.output) ? [part.output] : []
  const items = Array.isArray(part.output) && part.type === undefined ? part.output.filter(isJsonObject) : []
  const choices = [part, ...output].flatMap(({ choices: list }) => (Array.isArray(list) ? list.slice(0, 1) : []))
  const inChoices = choices.filter(isJsonObject).flatMap(choice => [choice, choice.delta, choice.message])
  const own = [part.message, isJsonObject(part.delta) ? part.delta : undefined, ...output, ...items]
  const body = Array.isArray(part.content) ? [{ content: part.content }] : []
  return [...inChoices, ...own, ...body].filter(isJsonObject)
}

/** A string, or a list of parts with a text each. */
const contentOf = (content: JsonValue | undefined): readonly string[] =>
  Array.isArray(content) ? content.filter(isJsonObject).flatMap(({ text }) => strings(text)) : strings(content)

const isEventOf = (part: JsonObject, type: string): readonly string[] => (part.type === type ? strings(part.delta) : [])

const strings = (...values: readonly (JsonValue | undefined)[]): readonly string[] =>
  values.filter(value => typeof value === 'string')
