import type { Message, Prompt, Turn } from '../../model/conversation.ts'
import type { JsonObject } from '../../model/json.ts'
import type { RequestSettings, Sampling } from '../../model/run-plan.ts'
import { type SamplingKeys, sampled } from './sampling.ts'
import { fillTemplate } from './template.ts'

/** What is a protocol's own in its bodies. */
export interface BodyShape {
  readonly keys: SamplingKeys
  /** A prompt that is no complete body, after what was said before it, under the protocol's keys. */
  promptFields(prompt: Prompt, history: readonly Message[]): JsonObject
  /** A complete body that was written for another protocol, as this one has it; any other body itself. */
  adapt?(body: JsonObject): JsonObject
}

/** Whether a prompt is a complete body as it was recorded elsewhere. */
export const isRecorded = (prompt: Prompt): boolean => prompt.kind === 'body' && prompt.text !== undefined

/**
 * The body of a turn. Defaults < template or body < what the user set < extra arguments; a complete body only has its
 * gaps filled, a recorded one only with the model and what the user set.
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
  const [filling, set] = [sampled(defaults, shape.keys), sampled(chosen, shape.keys)]
  if (prompt.kind === 'body') {
    const complete = shape.adapt?.(prompt.body) ?? prompt.body
    if (isRecorded(prompt)) return fillRecorded(complete, settings, shape)
    return { ...filling, ...set, ...complete, ...extraArgs }
  }
  const asked = shape.promptFields(prompt, history)
  if (queryTemplate === undefined) return { ...asked, ...filling, ...set, ...extraArgs }
  const { body, hasPrompt } = fillTemplate(queryTemplate, chosen.model ?? defaults.model ?? '', prompt)
  return { ...filling, ...body, ...(hasPrompt ? {} : asked), ...set, ...extraArgs }
}

/** For a kind of prompt that no dataset for this protocol holds. */
export const cannotSend = (prompt: Prompt): never => {
  throw new Error(`it cannot send prompts of kind ${prompt.kind}`)
}

/** A replay sends what was recorded: defaults would change it, an absent `stream` included. */
const fillRecorded = (
  recorded: JsonObject,
  { chosen, defaults, extraArgs }: RequestSettings,
  { keys }: BodyShape,
): JsonObject => ({
  ...sampled(defaults.model === undefined ? chosen : { model: defaults.model, ...chosen }, keys),
  ...recorded,
  ...extraArgs,
})
