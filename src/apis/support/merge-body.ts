import type { Message, Prompt, Turn } from '../../model/conversation.ts'
import type { JsonObject } from '../../model/json.ts'
import type { RequestSettings, Sampling } from '../../model/run-plan.ts'
import { mergeGroups, withoutNulls } from './groups.ts'
import { type SamplingKeys, sampled } from './sampling.ts'
import { fillTemplate } from './template.ts'

/** What is a protocol's own in its bodies. */
export interface BodyShape {
  readonly keys: SamplingKeys
  /** A prompt that is no complete body, after what was said before it, under the protocol's keys. */
  promptFields(prompt: Prompt, history: readonly Message[]): JsonObject
  /** A complete body that was written for another protocol, as this one has it; any other body itself. */
  adapt?(body: JsonObject): JsonObject
  /** Top-level keys whose objects are merged key by key, wherever they come from; any other value replaces another. */
  readonly groups?: readonly string[]
  /** Puts parameters into their groups; without it they stand at the top level. */
  place?(parameters: JsonObject): JsonObject
}

/** Whether a prompt is a complete body as it was recorded elsewhere. */
export const isRecorded = (prompt: Prompt): boolean => prompt.kind === 'body' && prompt.text !== undefined

/**
 * The body of a turn. Defaults < template or body < what the user set < extra arguments, of which null leaves a key out;
 * a complete body only has its gaps filled, a recorded one only with the model and what the user set.
 */
export const mergeBody = (
  turn: Turn,
  history: readonly Message[],
  settings: RequestSettings,
  shape: BodyShape,
): JsonObject => {
  const { prompt, maxTokens } = turn
  const { defaults, extraArgs, queryTemplate } = settings
  const limit: Sampling = maxTokens === undefined ? {} : { maxTokens: { min: maxTokens, max: maxTokens } }
  const chosen = { ...settings.chosen, ...limit }
  const [filling, set] = [placed(defaults, shape), placed(chosen, shape)]
  const { groups = [] } = shape
  const merge = (...layers: readonly JsonObject[]): JsonObject =>
    withoutNulls(mergeGroups(groups, layers), extraArgs, groups)
  if (prompt.kind === 'body') {
    const complete = shape.adapt?.(prompt.body) ?? prompt.body
    if (isRecorded(prompt)) return fillRecorded(complete, settings, shape)
    return merge(filling, set, complete, extraArgs)
  }
  const asked = shape.promptFields(prompt, history)
  if (queryTemplate === undefined) return merge(asked, filling, set, extraArgs)
  const { body, hasPrompt } = fillTemplate(queryTemplate, chosen.model ?? defaults.model ?? '', prompt)
  return merge(filling, body, hasPrompt ? {} : asked, set, extraArgs)
}

/** For a kind of prompt that no dataset for this protocol holds. */
export const cannotSend = (prompt: Prompt): never => {
  throw new Error(`it cannot send prompts of kind ${prompt.kind}`)
}

/** A replay sends what was recorded: defaults would change it, an absent `stream` included. */
const fillRecorded = (
  recorded: JsonObject,
  { chosen, defaults, extraArgs }: RequestSettings,
  shape: BodyShape,
): JsonObject => {
  const { groups = [] } = shape
  const filling = placed(defaults.model === undefined ? chosen : { model: defaults.model, ...chosen }, shape)
  return withoutNulls(mergeGroups(groups, [filling, recorded, extraArgs]), extraArgs, groups)
}

const placed = (sampling: Sampling, shape: BodyShape): JsonObject => {
  const parameters = sampled(sampling, shape.keys)
  return shape.place?.(parameters) ?? parameters
}
