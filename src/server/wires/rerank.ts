import type { JsonObject, JsonValue } from '../../model/json.ts'
import { rngFor } from '../../stats/rng.ts'
import type { Tokenizer } from '../../tokenizers/tokenizer.ts'
import { countText, readCount, readModel } from '../generation-request.ts'
import { errorJson, WireError } from '../wire-error.ts'
import { prefillOnly } from './prefill.ts'
import type { Wire } from './wire.ts'

/** Rerankers as Jina, vLLM and most hosts speak; a request with `texts` is TEI's and gets its answer. */
export const rerank: Wire = {
  paths: ['/v1/rerank', '/v1/reranks', '/rerank'],
  read: (body, { tokenizer }) => {
    if (body.texts !== undefined) return readTei(body, tokenizer)
    const model = readModel(body)
    const { ranks, promptTokens } = readRanking(body, 'documents', tokenizer)
    const isTold = body.return_documents === true
    const results = ranks
      .slice(0, readCount(body, 'top_n', 1))
      .map(({ index, score, text }) => ({ index, relevance_score: score, ...(isTold && { document: { text } }) }))
    const usage = { prompt_tokens: promptTokens, total_tokens: promptTokens }
    return prefillOnly(promptTokens, id => ({ id: `rerank-${id}`, model, usage, results }))
  },
  errorBody: errorJson,
}

/** Cohere's. What it bills are searches, of up to 100 documents, and no tokens. */
export const cohereRerank: Wire = {
  paths: ['/v2/rerank'],
  read: (body, { tokenizer }) => {
    readModel(body)
    const { ranks, promptTokens } = readRanking(body, 'documents', tokenizer)
    const top = ranks.slice(0, readCount(body, 'top_n', 1))
    const results = top.map(({ index, score }) => ({ index, relevance_score: score }))
    const billed = { search_units: Math.ceil(ranks.length / 100) }
    return prefillOnly(promptTokens, id => ({
      id,
      results,
      meta: { api_version: { version: '2' }, billed_units: billed },
    }))
  },
  errorBody: error => JSON.stringify({ message: error.message }),
}

const readTei = (body: JsonObject, tokenizer: Tokenizer | undefined): ReturnType<Wire['read']> => {
  const { ranks, promptTokens } = readRanking(body, 'texts', tokenizer)
  const isTold = body.return_text === true
  return prefillOnly(promptTokens, () =>
    ranks.map(({ index, score, text }) => ({ index, ...(isTold && { text }), score })),
  )
}

interface Rank {
  readonly index: number
  readonly score: number
  readonly text: string
}

/** The documents, best first, and the tokens of the query with each of them, as a cross-encoder reads them. */
const readRanking = (
  body: JsonObject,
  key: 'documents' | 'texts',
  tokenizer: Tokenizer | undefined,
): { readonly ranks: readonly Rank[]; readonly promptTokens: number } => {
  const { query } = body
  if (typeof query !== 'string' || query === '') throw new WireError(400, 'query must be a text', 'query')
  const texts = readTexts(body[key], key)
  const ranks = texts.map((text, index) => ({ index, text, score: rngFor(0, 'rerank', query, text).float() }))
  const documentTokens = texts.reduce((sum, text) => sum + countText(text, tokenizer), 0)
  return {
    ranks: ranks.sort((a, b) => b.score - a.score),
    promptTokens: texts.length * countText(query, tokenizer) + documentTokens,
  }
}

const readTexts = (value: JsonValue | undefined, key: string): readonly string[] => {
  const isText = (item: JsonValue): item is string => typeof item === 'string'
  if (Array.isArray(value) && value.length > 0 && value.every(isText)) return value
  throw new WireError(400, `${key} must be an array with at least one text`, key)
}
