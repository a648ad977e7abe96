import type { Prompt } from '../model/conversation.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import type { Api, ChunkContent, ResponseDraft } from './api.ts'
import { readPlainAnswer } from './support/plain-answer.ts'
import type { AskedField } from './support/plain-body.ts'
import { completeBody, plainBody, unsentInPlain } from './support/plain-body.ts'
import { messageText } from './support/template.ts'

/** What a lone text is ranked against. */
const cannedDocument = 'This is a test document for reranking.'

/**
 * Rerankers in the form of Cohere, Jina, vLLM and most hosts. Answers of TEI are read too; what it is asked takes a
 * template, `{"query": "%p", "texts": "%d"}`.
 */
export const openaiRerank: Api = {
  names: ['openai_rerank', 'rerank'],
  endpoints: ['/rerank', '/reranks', '/reranking'],
  chatEndpoints: [],
  sends: ['rerank', 'text', 'messages', 'body'],
  unsent: unsentInPlain,
  task: 'rerank',
  buildRequest: ({ prompt }, _history, settings) =>
    prompt.kind === 'body' ? completeBody(prompt.body, settings) : plainBody(askedOf(prompt), settings),
  // Never asked for, but a server may send its one answer as an event.
  readChunk: (chunk, draft) => readOrder(chunk, draft),
  readBody: (body, draft) => readOrder(body, draft),
}

const askedOf = (prompt: Prompt): readonly AskedField[] => {
  const { query, documents } = queryAndDocuments(prompt)
  return [
    { key: 'query', mark: '%p', value: query },
    { key: 'documents', mark: '%d', value: documents.length === 0 ? [cannedDocument] : documents },
  ]
}

const queryAndDocuments = (prompt: Prompt): { readonly query: string; readonly documents: readonly string[] } => {
  switch (prompt.kind) {
    case 'rerank':
      return prompt
    case 'text':
      return { query: prompt.text, documents: [] }
    case 'messages': {
      const [query, ...documents] = prompt.messages.map(messageText).filter(text => text !== '')
      if (query === undefined) throw new Error('the prompt holds no text')
      return { query, documents }
    }
    default:
      throw new Error(`it cannot send prompts of kind ${prompt.kind}`)
  }
}

/** The order stands in `results` of Cohere and Jina, in `data` of Voyage, and is TEI's bare array, which comes as `data`. */
const readOrder = (answer: JsonObject, draft: ResponseDraft): ChunkContent => {
  const items = answer.results ?? answer.data
  return readPlainAnswer(answer, Array.isArray(items) ? items : undefined, isRank, draft)
}

const isRank = (item: JsonValue): boolean =>
  isJsonObject(item) && typeof (item.relevance_score ?? item.score) === 'number'
