import type { Arguments, FlagField } from '../arguments/arguments.ts'
import type { JsonObject } from '../model/json.ts'
import type { RequestSettings, Sampling } from '../model/run-plan.ts'

/** Flags that an API may put into a body, in the order of the original's bodies. */
export const samplingFields = [
  ...(['model', 'maxTokens', 'minTokens', 'frequencyPenalty', 'repetitionPenalty', 'logprobs', 'nChoices'] as const),
  ...(['seed', 'stop', 'stream', 'stopTokenIds', 'temperature', 'topP', 'topK'] as const),
] satisfies readonly (FlagField & keyof Sampling)[]

/** What an API builds requests from: what the user set apart from what we fill in. */
export const planRequest = (args: Arguments, model: string, extraArgs: JsonObject): RequestSettings => {
  const { logprobs, queryTemplate } = args.values
  // `false` is not sent: some servers refuse the key itself.
  const all = { ...args.values, model, logprobs: logprobs || undefined }
  const present = samplingFields.filter(field => all[field] !== undefined)
  const pick = (fields: readonly (keyof Sampling)[]): Sampling =>
    Object.fromEntries(fields.map(field => [field, all[field]]))
  return {
    chosen: pick(present.filter(field => args.isSet(field))),
    defaults: pick(present.filter(field => !args.isSet(field))),
    extraArgs,
    queryTemplate,
  }
}
