import { isJsonObject, type JsonObject, type JsonValue } from '../../model/json.ts'
import type { ChunkContent, ResponseDraft } from '../api.ts'
import { errorMessage, statusMessage } from './error-message.ts'
import { isUsage, readCount } from './usage.ts'

/**
 * Reads an answer that is no text. `items` are what it consists of, absent where it has no place for them; it holds
 * output when one of them is `isOutput`. Nothing of it is kept but its input tokens.
 */
export const readPlainAnswer = (
  answer: JsonObject,
  items: readonly JsonValue[] | undefined,
  isOutput: (item: JsonValue) => boolean,
  draft: ResponseDraft,
): ChunkContent => {
  draft.inputTokens = inputTokens(answer)
  // What stands there instead of a count is to be told.
  if (draft.inputTokens === undefined && isUsage(answer.usage, draft)) readCount(answer.usage, 'prompt_tokens', draft)
  const message = errorMessage(answer) ?? (items === undefined ? loneMessage(answer) : undefined)
  if (message !== undefined) {
    draft.errorMessage = message
    return 'error'
  }
  if (items === undefined) return 'other'
  draft.finished = true
  return items.some(isOutput) ? 'answer' : 'choice'
}

/**
 * Tokens of the prompt, as OpenAI, Jina and vLLM, Cohere, SiliconFlow, or Ollama report them. Cohere's search units are
 * none, and a 0 says that nobody counted.
 */
const inputTokens = ({ usage, meta, tokens, prompt_eval_count }: JsonObject): number | undefined => {
  const { tokens: metaTokens, billed_units: billed } = fields(meta)
  const { prompt_tokens, total_tokens } = fields(usage)
  const ofCohere = [metaTokens, billed, tokens].map(each => fields(each).input_tokens)
  return [prompt_tokens, total_tokens, ...ofCohere, prompt_eval_count].find(isCount)
}

const isCount = (value: JsonValue | undefined): value is number => Number.isSafeInteger(value) && (value as number) > 0

const fields = (value: JsonValue | undefined): JsonObject => (isJsonObject(value) ? value : {})

/** What Cohere and FastAPI say of an error, should a proxy have made its status 200. */
const loneMessage = (answer: JsonObject): string | undefined =>
  typeof (answer.detail ?? answer.message) === 'string' ? statusMessage(answer) : undefined
