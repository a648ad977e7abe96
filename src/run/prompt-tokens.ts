import type { Message } from '../model/conversation.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import { hasOutputTokens, type Task } from '../model/run-plan.ts'
import { readChatOptions, withChatOptions } from '../tokenizers/chat-options.ts'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'

/**
 * Prompt tokens of a body as sent, in whichever protocol, counted as servers do; undefined where it has no prompt that
 * we know. Images and tools are left out: `imageTokens` estimates the former.
 */
export const promptTokens = (body: JsonObject, task: Task, tokenizer: Tokenizer): number | undefined => {
  if (task === 'rerank') return pairTokens(body, tokenizer)
  const asked = withChatOptions(tokenizer, readChatOptions(body))
  if (hasOutputTokens(task)) return conversationTokens(body, asked)
  // vLLM embeds conversations, too.
  return textTokens(embeddedIn(body), tokenizer) ?? conversationTokens(body, asked)
}

/** The same without the chat template: the text of the messages alone. */
export const promptTokensWithoutTemplate = (body: JsonObject, task: Task, tokenizer: Tokenizer): number | undefined =>
  promptTokens(body, task, {
    encode: (text, addSpecialTokens, pair) => tokenizer.encode(text, addSpecialTokens, pair),
    decode: ids => tokenizer.decode(ids),
    encodeChat: messages => tokenizer.encodeChat(messages),
    hasChatTemplate: false,
    ordinaryIds: () => tokenizer.ordinaryIds(),
  })

/** Whether a body's prompt has tools, sound or their like, of which nobody here counts a token. */
export const isMoreThanTextAndImages = ({ tools, parameters, input, messages }: JsonObject): boolean => {
  const items = [messages, input].flatMap(list => (Array.isArray(list) ? list : []))
  const inner = [input, parameters].filter(isJsonObject)
  return isFilled(tools) || items.some(hasOtherParts) || inner.some(isMoreThanTextAndImages)
}

const hasOtherParts = (message: JsonValue): boolean => {
  const parts = isJsonObject(message) && Array.isArray(message.content) ? message.content : []
  return parts.some(part => isJsonObject(part) && !hasText(part) && !isImage(part))
}

const isFilled = (value: JsonValue | undefined): boolean => Array.isArray(value) && value.length > 0

/** Messages go through the chat template, wherever a protocol has them; texts are encoded, ids counted. */
const conversationTokens = (body: JsonObject, tokenizer: Tokenizer): number | undefined => {
  const { messages, prompt, input, instructions, system } = body
  // What stands before the messages: in OpenAI's Responses, in Anthropic's and Ollama's bodies.
  const before = [instructions, system].filter(isPresent).map(content => ({ role: 'system', content }))
  if (Array.isArray(messages)) return messageTokens([...before, ...messages.filter(isJsonObject)], tokenizer)
  if (isPresent(prompt)) return textTokens([...before.map(({ content }) => textOf(content)), prompt], tokenizer)
  // DashScope's.
  if (isJsonObject(input)) return conversationTokens(input, tokenizer)
  if (typeof input === 'string') return messageTokens([...before, { role: 'user', content: input }], tokenizer)
  if (!Array.isArray(input)) return undefined
  return messageTokens([...before, ...input.filter(isJsonObject).map(messageOf)], tokenizer)
}

/** An item of OpenAI's Responses: a message, a call of a tool, or what the tool gave. */
const messageOf = ({ role, content, output, ...item }: JsonObject): JsonObject => ({
  role: role ?? (isPresent(output) ? 'tool' : 'assistant'),
  content: content ?? output ?? item.arguments ?? '',
})

const messageTokens = (list: readonly JsonObject[], tokenizer: Tokenizer): number => {
  const messages = list.map(joined) as unknown as readonly Message[]
  return tokenizer.hasChatTemplate
    ? tokenizer.encodeChat(messages).length
    : sum(messages.map(({ content }) => tokenizer.encode(textOf(content)).length))
}

/**
 * Parts as one text, which any template takes: some would write an image out, byte for byte. Messages with other parts
 * than texts and images as they are.
 */
const joined = (message: JsonObject): JsonObject => {
  const { content } = message
  const isJoined =
    Array.isArray(content) && content.every(part => isJsonObject(part) && (hasText(part) || isImage(part)))
  return isJoined ? { ...message, content: textOf(content) } : message
}

const hasText = ({ text }: JsonObject): boolean => typeof text === 'string'

/** In the words of OpenAI, DashScope or Anthropic. */
const isImage = ({ type, image_url: url, image }: JsonObject): boolean =>
  isPresent(url) || isPresent(image) || type === 'image'

/** What is to become vectors: OpenAI's `input`, Text Embeddings Inference's `inputs`, Cohere's and DashScope's `texts`. */
const embeddedIn = ({ input, inputs, texts }: JsonObject): JsonValue | undefined =>
  isJsonObject(input) ? embeddedIn(input) : (input ?? inputs ?? texts)

/** A text, ids, or a list of either; each text with the model's own marks around it. */
const textTokens = (value: JsonValue | undefined, tokenizer: Tokenizer): number | undefined => {
  if (!isPresent(value)) return undefined
  if (!Array.isArray(value)) return tokenizer.encode(textOf(value), true).length
  if (value.every(item => typeof item === 'number')) return value.length
  return sum(value.map(item => textTokens(item, tokenizer) ?? 0))
}

/** A cross-encoder reads the query anew with every document, and servers count what it reads. */
const pairTokens = (body: JsonObject, tokenizer: Tokenizer): number | undefined => {
  const { query, documents, texts } = isJsonObject(body.input) ? body.input : body
  const ranked = documents ?? texts
  if (!isPresent(query) || !Array.isArray(ranked)) return undefined
  const bareTokens = (value: JsonValue): number => tokenizer.encode(textOf(value)).length
  // Models differ in the marks of a pair: BERT's have three, RoBERTa's four, others none.
  const marks = tokenizer.encode('a', true, 'a').length - 2 * bareTokens('a')
  return (bareTokens(query) + marks) * ranked.length + sum(ranked.map(bareTokens))
}

/** The text of a string, of a part or document, or of a list of parts. */
const textOf = (value: JsonValue | undefined): string => {
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.map(textOf).join('')
  return isJsonObject(value) ? textOf(value.text ?? value.content) : ''
}

const isPresent = <T extends JsonValue>(value: T | null | undefined): value is T =>
  value !== undefined && value !== null

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
