import type { Arguments } from '../arguments/arguments.ts'
import { flagName } from '../arguments/flags.ts'
import { samplingFields } from './request.ts'

/** What a dataset says of flags that do little or nothing to it. */
export interface IdleFlags {
  readonly ignores?: readonly ('minTurns' | 'maxTokens')[]
  readonly hasBodies?: boolean
}

/** A line for each flag that the user gave in vain, and one for those that recorded bodies win over. */
export const explainIdleFlags = (args: Arguments, dataset: IdleFlags): readonly string[] => {
  const { dataset: spec, minTurns, maxTokens } = args.values
  const lines = {
    minTurns: `--min-turns ${minTurns} has no effect: --dataset ${spec} has conversations as long as recorded`,
    maxTokens: `--max-tokens ${rangeText(maxTokens)} has no effect: each turn of --dataset ${spec} has its own output limit`,
  }
  const ignored = dataset.ignores?.filter(field => args.isSet(field)).map(field => lines[field]) ?? []
  const filling = dataset.hasBodies ? samplingFields.filter(field => args.isSet(field)) : []
  if (filling.length === 0) return ignored
  const flags = filling.map(field => (field === 'stream' && !args.values.stream ? '--no-stream' : flagName(field)))
  const verb = flags.length === 1 ? 'fills' : 'fill'
  return [
    ...ignored,
    `${flags.join(', ')} ${verb} only what a recorded body lacks; --extra-args wins, and model_override of --dataset-args`,
  ]
}

const rangeText = ({ min, max }: { readonly min: number; readonly max: number }): string =>
  min === max ? `${min}` : `${min} ${max}`
