import { isJsonObject, type JsonObject, type JsonValue } from '../../model/json.ts'
import type { ResponseDraft } from '../api.ts'

/** Reads an OpenAI `usage` object into the draft; the last one seen wins, and keys it lacks keep what is known. */
export const readUsage = (usage: JsonValue | undefined, draft: ResponseDraft): void => {
  if (!isJsonObject(usage)) return
  draft.inputTokens = count(usage.prompt_tokens) ?? draft.inputTokens
  draft.outputTokens = count(usage.completion_tokens) ?? draft.outputTokens
  draft.cachedTokens = detail(usage.prompt_tokens_details, 'cached_tokens') ?? draft.cachedTokens
  draft.reasoningTokens = detail(usage.completion_tokens_details, 'reasoning_tokens') ?? draft.reasoningTokens
}

const detail = (details: JsonValue | undefined, key: string): number | undefined =>
  isJsonObject(details) ? count((details as JsonObject)[key]) : undefined

const count = (value: JsonValue | undefined): number | undefined =>
  typeof value === 'number' && value >= 0 ? Math.round(value) : undefined
