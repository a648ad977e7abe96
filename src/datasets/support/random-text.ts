import { ArgumentsError } from '../../errors.ts'
import { type Rng, rngFor } from '../../stats/rng.ts'
import type { Tokenizer } from '../../tokenizers/tokenizer.ts'
import type { DatasetContext } from '../dataset.ts'
import { drawIds, fitText } from './exact-text.ts'

/** The tokenizer of a dataset that draws its prompts; refuses to go without, or with one that has nothing to draw. */
export const requireTokenizer = ({ settings, tokenizer }: DatasetContext): Tokenizer => {
  if (tokenizer === undefined) {
    throw new ArgumentsError(
      `--dataset ${settings.spec} needs a tokenizer; give --tokenizer-path, a directory that holds tokenizer.json`,
    )
  }
  if (tokenizer.ordinaryIds().length > 0) return tokenizer
  throw new ArgumentsError(`the vocabulary in --tokenizer-path ${settings.tokenizerPath} has no ordinary tokens`)
}

/** Ids that all prompts of a run begin with; drawn anew for each offset, so that a server does not know it from the run before. */
export const drawPrefix = ({ settings, seed }: DatasetContext, tokenizer: Tokenizer): readonly number[] => {
  const rng = rngFor(seed, 'random prefix', settings.offset)
  const ids = drawIds(settings.prefixLength, tokenizer, rng)
  if (settings.tokenizePrompt) return ids
  // Fitted on its own: else a short prompt could be cut within the prefix and equal all others.
  const fitted = fitText(ids, tokenizer, rng).ids
  return fitted.length === ids.length ? fitted : ids
}

/** Ordinary ids one after the other from place `start` of the vocabulary, at its end going on from its beginning. */
export const consecutiveIds = (start: number, length: number, tokenizer: Tokenizer): readonly number[] => {
  const vocabulary = tokenizer.ordinaryIds()
  return Array.from({ length }, (_, step) => vocabulary[(start + step) % vocabulary.length] ?? 0)
}

/** Makes a text of as many tokens as there are ids; `place` names it should it be the first that has another length. */
export type TextOfIds = (ids: readonly number[], rng: Rng, place: string) => string

/** Texts of one pass over `dataset`, which says once when a length was missed. */
export const createTextOfIds = (dataset: string, tokenizer: Tokenizer, say: (line: string) => void): TextOfIds => {
  let isSaid = false
  return (ids, rng, place) => {
    const fitted = fitText(ids, tokenizer, rng)
    if (fitted.ids.length !== ids.length && !isSaid) {
      isSaid = true
      say(
        `${dataset}: the tokenizer does not give every text back as it was; ` +
          `${place} has ${fitted.ids.length} tokens, not ${ids.length}`,
      )
    }
    return fitted.text
  }
}
