import { ArgumentsError } from '../../errors.ts'
import type { DatasetSettings } from '../../model/run-plan.ts'
import type { DatasetOptions } from './options.ts'

/** The key of `--dataset-args` that says how many texts a request has. */
export const batchOptions = {
  batch_size: { kind: 'int', min: 1, max: 100_000, help: 'texts in a request' },
} as const satisfies DatasetOptions

/** Texts in a request. Throws `ArgumentsError` with `--tokenize-prompt`, which makes one list of ids of a prompt. */
export const readBatchSize = ({ args, spec, tokenizePrompt }: DatasetSettings): number => {
  if (tokenizePrompt) {
    throw new ArgumentsError(
      `--tokenize-prompt sends one list of token ids, and --dataset ${spec} several texts; leave one out`,
    )
  }
  return (args.batch_size as number | undefined) ?? 8
}
