import type { JsonObject, JsonValue } from '../../model/json.ts'
import type { Sampling } from '../../model/run-plan.ts'

/** Keys of a protocol's body by the parameters they stand for; a parameter without a key cannot be sent. */
export type SamplingKeys = { readonly [Parameter in keyof Sampling]?: string }

/** The keys of an OpenAI body, in the reference tool's order: it has one for every parameter. */
export const openaiKeys: Required<SamplingKeys> = {
  model: 'model',
  maxTokens: 'max_tokens',
  minTokens: 'min_tokens',
  frequencyPenalty: 'frequency_penalty',
  repetitionPenalty: 'repetition_penalty',
  logprobs: 'logprobs',
  nChoices: 'n',
  seed: 'seed',
  stop: 'stop',
  stream: 'stream',
  stopTokenIds: 'stop_token_ids',
  temperature: 'temperature',
  topP: 'top_p',
  topK: 'top_k',
}

const parameters = Object.keys(openaiKeys) as readonly (keyof Sampling)[]

/** Sampling parameters under a protocol's `keys`; absent ones, and those that it has no key for, are left out. */
export const sampled = (sampling: Sampling, keys: SamplingKeys): JsonObject => {
  const body: Record<string, JsonValue> = {}
  for (const parameter of parameters) {
    const [key, value] = [keys[parameter], sampling[parameter]]
    if (key !== undefined && value !== undefined) body[key] = asJson(value)
  }
  return body
}

/** The parameters that a protocol with these `keys` cannot send. */
export const unsentWith = (keys: SamplingKeys): readonly (keyof Sampling)[] =>
  parameters.filter(parameter => keys[parameter] === undefined)

const asJson = (value: NonNullable<Sampling[keyof Sampling]>): JsonValue =>
  typeof value === 'object' && 'max' in value ? value.max : value
