import type { JsonObject } from '../../model/json.ts'
import type { IntegerRange } from '../../model/run-plan.ts'
import { type DatasetOptions, mostPromptTokens, rangeOf } from './options.ts'

/** The keys of `--dataset-args` that set how long turns are. */
export const turnLengthOptions: DatasetOptions = {
  first_turn_length: { kind: 'range', min: 1, max: mostPromptTokens, help: "tokens of the first turn's message" },
  subsequent_turn_length: { kind: 'range', min: 1, max: mostPromptTokens, help: "tokens of each later turn's message" },
  chars_per_token: {
    kind: 'number',
    above: 0,
    help: 'accepted as in the original (3.0), where only swe_smith uses it',
  },
}

/** What `--dataset-args` says of the tokens of a turn, counted from 0; undefined where it says nothing. */
export const turnLengthOf = (args: JsonObject, position: number): IntegerRange | undefined => {
  const value = args[position === 0 ? 'first_turn_length' : 'subsequent_turn_length']
  return value === undefined ? undefined : rangeOf(value, 0)
}
