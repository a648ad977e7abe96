import type { JsonObject, JsonValue } from '../../model/json.ts'
import { openaiKeys, type SamplingKeys } from './sampling.ts'

/** A complete body taken apart: parameters of chat completions under a protocol's own keys, and all else. */
export interface ChatBody {
  readonly parameters: JsonObject
  readonly others: JsonObject
}

/** Takes a body apart that may be one of OpenAI's chat completions; a parameter without a key in `keys` is left out. */
export const takeApart = (body: JsonObject, keys: SamplingKeys): ChatBody => {
  const parameters: Record<string, JsonValue> = {}
  for (const parameter of Object.keys(openaiKeys) as (keyof SamplingKeys)[]) {
    const [key, value] = [keys[parameter], body[openaiKeys[parameter]]]
    if (key !== undefined && value !== undefined) parameters[key] = value
  }
  const limit = body.max_completion_tokens
  if (keys.maxTokens !== undefined && limit !== undefined) parameters[keys.maxTokens] = limit
  const others = Object.fromEntries(Object.entries(body).filter(([key]) => !chatKeys.has(key)))
  return { parameters, others }
}

const chatKeys: ReadonlySet<string> = new Set([...Object.values(openaiKeys), 'max_completion_tokens', 'stream_options'])
