import { ArgumentsError } from '../../errors.ts'
import type { Tokenizer } from '../../tokenizers/tokenizer.ts'
import type { DatasetContext } from '../dataset.ts'

/** The tokenizer a dataset cannot do without; it has ordinary ids to draw from. */
export const requireTokenizer = ({ settings, tokenizer }: DatasetContext): Tokenizer => {
  if (tokenizer === undefined) {
    throw new ArgumentsError(
      `--dataset ${settings.spec} needs a tokenizer; give --tokenizer-path, a directory that holds tokenizer.json`,
    )
  }
  if (tokenizer.ordinaryIds().length > 0) return tokenizer
  throw new ArgumentsError(`the vocabulary in --tokenizer-path ${settings.tokenizerPath} has no ordinary tokens`)
}
