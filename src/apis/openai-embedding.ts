import type { Prompt } from '../model/conversation.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import type { Api, ChunkContent, ResponseDraft } from './api.ts'
import type { Place } from './support/fill-places.ts'
import { readPlainAnswer } from './support/plain-answer.ts'
import { completeBody, plainBody, unsentInPlain } from './support/plain-body.ts'
import { messageText } from './support/template.ts'

/**
 * OpenAI embeddings: what vLLM, SGLang, TEI, Infinity, Ollama and most hosts speak. Answers of Ollama's own `/api/embed`,
 * TEI's `/embed` and Cohere's are read too. How many vectors came is not compared with how many were asked for.
 */
export const openaiEmbedding: Api = {
  names: ['openai_embedding', 'embedding'],
  endpoints: ['/embeddings', '/embed'],
  chatEndpoints: [],
  sends: ['text', 'messages', 'tokens', 'inputs', 'body'],
  unsent: unsentInPlain,
  task: 'embed',
  buildRequest: ({ prompt }, _history, settings) =>
    prompt.kind === 'body'
      ? completeBody(prompt.body, settings)
      : plainBody([{ key: 'input', mark: '%p', value: inputOf(prompt) }], settings),
  // Never asked for, but a server may send its one answer as an event.
  readChunk: (chunk, draft) => readVectors(chunk, draft),
  readBody: (body, draft) => readVectors(body, draft),
}

const inputOf = (prompt: Prompt): Place => {
  switch (prompt.kind) {
    case 'text':
      return prompt.text
    case 'tokens':
      return prompt.ids
    case 'inputs':
      return oneOrAll(prompt.inputs)
    case 'messages':
      return oneOrAll(prompt.messages.map(messageText).filter(text => text !== ''))
    default:
      throw new Error(`it cannot send prompts of kind ${prompt.kind}`)
  }
}

const oneOrAll = (texts: readonly string[]): Place => {
  const [text, ...others] = texts
  if (text === undefined) throw new Error('the prompt holds no text')
  return others.length === 0 ? text : texts
}

const readVectors = (answer: JsonObject, draft: ResponseDraft): ChunkContent =>
  readPlainAnswer(answer, vectorsOf(answer), isVector, draft)

/** Of OpenAI, whose `data` holds objects; TEI, whose bare array comes as `data`; Ollama and llama.cpp; Cohere, by type. */
const vectorsOf = ({ data, embeddings, embedding }: JsonObject): readonly JsonValue[] | undefined => {
  if (Array.isArray(data)) return data.map((item: JsonValue) => (isJsonObject(item) ? (item.embedding ?? null) : item))
  if (Array.isArray(embeddings)) return embeddings
  if (isJsonObject(embeddings)) return Object.values(embeddings).flatMap(list => (Array.isArray(list) ? list : []))
  return Array.isArray(embedding) ? [embedding] : undefined
}

/** Numbers, or base64 of them. */
const isVector = (item: JsonValue): boolean => (typeof item === 'string' || Array.isArray(item)) && item.length > 0
