import { isJsonObject, type JsonObject, type JsonValue } from '../../model/json.ts'
import type { ResponseDraft } from '../api.ts'

/** Reads an OpenAI `usage` object into the draft; the last one seen wins, and keys it lacks keep what is known. */
export const readUsage = (usage: JsonValue | undefined, draft: ResponseDraft): void => {
  if (!isUsage(usage, draft)) return
  draft.inputTokens = readCount(usage, 'prompt_tokens', draft) ?? draft.inputTokens
  draft.outputTokens = readCount(usage, 'completion_tokens', draft) ?? draft.outputTokens
  draft.cachedTokens = detail(usage.prompt_tokens_details, 'cached_tokens') ?? draft.cachedTokens
  draft.reasoningTokens = detail(usage.completion_tokens_details, 'reasoning_tokens') ?? draft.reasoningTokens
}

/** Reads the `usage` of OpenAI's Responses API, which names everything otherwise. */
export const readResponsesUsage = (usage: JsonValue | undefined, draft: ResponseDraft): void => {
  if (!isUsage(usage, draft)) return
  draft.inputTokens = readCount(usage, 'input_tokens', draft) ?? draft.inputTokens
  draft.outputTokens = readCount(usage, 'output_tokens', draft) ?? draft.outputTokens
  draft.cachedTokens = detail(usage.input_tokens_details, 'cached_tokens') ?? draft.cachedTokens
  draft.reasoningTokens = detail(usage.output_tokens_details, 'reasoning_tokens') ?? draft.reasoningTokens
}

/**
 * Reads the prompt's side of an Anthropic `usage`, whose `input_tokens` are those that no cache had to do with. Counts
 * only grow within an answer: one that leaves out the cache takes nothing away.
 */
export const readAnthropicInput = (usage: JsonValue | undefined, draft: ResponseDraft): void => {
  if (!isUsage(usage, draft)) return
  const cached = count(usage.cache_read_input_tokens)
  const parts = [readCount(usage, 'input_tokens', draft), cached, count(usage.cache_creation_input_tokens)]
  const known = [draft.inputTokens, sumOf(parts)].filter(value => value !== undefined)
  draft.inputTokens = known.length === 0 ? undefined : Math.max(...known)
  draft.cachedTokens = cached ?? draft.cachedTokens
}

/** Reads all of an Anthropic `usage`. */
export const readAnthropicUsage = (usage: JsonValue | undefined, draft: ResponseDraft): void => {
  readAnthropicInput(usage, draft)
  if (isJsonObject(usage)) draft.outputTokens = readCount(usage, 'output_tokens', draft) ?? draft.outputTokens
}

const sumOf = (parts: readonly (number | undefined)[]): number | undefined =>
  parts.every(part => part === undefined) ? undefined : parts.reduce<number>((sum, part) => sum + (part ?? 0), 0)

const detail = (details: JsonValue | undefined, key: string): number | undefined =>
  isJsonObject(details) ? count((details as JsonObject)[key]) : undefined

const count = (value: JsonValue | undefined): number | undefined =>
  typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER ? Math.round(value) : undefined

/** Whether there is a usage to read; anything else in its place is kept, so that it can be told. */
export const isUsage = (usage: JsonValue | undefined, draft: ResponseDraft): usage is JsonObject => {
  if (isJsonObject(usage)) return true
  if (usage !== undefined && usage !== null) draft.oddUsage ??= `usage ${shown(usage)}`
  return false
}

/** The count of this name; what is none is kept, too. Null says that nobody counted, as its absence does. */
export const readCount = (usage: JsonObject, name: string, draft: ResponseDraft): number | undefined => {
  const value = usage[name]
  const found = count(value)
  if (found === undefined && value !== undefined && value !== null) draft.oddUsage ??= `${name} ${shown(value)}`
  return found
}

/** More of a text than this tells nothing. */
const mostShownChars = 40

const shown = (value: JsonValue): string => {
  if (typeof value === 'object') return Array.isArray(value) ? 'with a list' : 'with an object'
  return typeof value === 'string' ? JSON.stringify(value.slice(0, mostShownChars)) : String(value)
}
