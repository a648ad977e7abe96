import { ArgumentsError } from '../errors.ts'
import type { IntegerRange } from '../model/run-plan.ts'
import { rngFor } from '../stats/rng.ts'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'
import type { Dataset, DatasetContext } from './dataset.ts'
import { drawIds, fitText } from './support/exact-text.ts'
import { singleTurn, wrapText } from './support/prompts.ts'

/**
 * Prompts of exact token lengths without end: a prefix that the run's prompts share, then a run of consecutive ordinary
 * ids. The length counts the chat template, not the prefix.
 */
export const random: Dataset = {
  names: ['random'],
  isMultiTurn: false,
  needsTokenizer: true,
  *open(context) {
    const { settings, seed } = context
    const tokenizer = requireTokenizer(context)
    const lengths = innerLengths(context, tokenizer)
    const prefix = drawPrefix(context, tokenizer)
    const sayOnce = createSayOnce(context.say)
    for (let index = 0; ; index++) {
      const rng = rngFor(seed, 'random', index)
      const length = rng.integer(lengths.min, lengths.max)
      const start = rng.integer(0, tokenizer.ordinaryIds().length - 1) + settings.offset + index
      const ids = [...prefix, ...consecutiveIds(start, length, tokenizer)]
      if (settings.tokenizePrompt) {
        yield singleTurn({ kind: 'tokens', ids })
        continue
      }
      const fitted = fitText(ids, tokenizer, rng)
      if (fitted.ids.length !== ids.length) sayOnce(missedLength(index, fitted.ids.length, ids.length))
      yield singleTurn(wrapText(fitted.text, settings.chat))
    }
  },
}

const requireTokenizer = ({ settings, tokenizer }: DatasetContext): Tokenizer => {
  if (tokenizer === undefined) {
    throw new ArgumentsError(
      `--dataset ${settings.spec} needs a tokenizer; give --tokenizer-path, a directory that holds tokenizer.json`,
    )
  }
  if (tokenizer.ordinaryIds().length > 0) return tokenizer
  throw new ArgumentsError(`the vocabulary in --tokenizer-path ${settings.tokenizerPath} has no ordinary tokens`)
}

/** The lengths without the tokens that the chat template puts around a message. */
const innerLengths = ({ settings, say }: DatasetContext, tokenizer: Tokenizer): IntegerRange => {
  const { minPromptLength: min, maxPromptLength: max } = settings
  if (!settings.chat || settings.tokenizePrompt || !tokenizer.hasChatTemplate) return { min, max }
  const templateTokens = tokenizer.encodeChat([{ role: 'user', content: '' }]).length
  if (max < templateTokens) {
    throw new ArgumentsError(
      `--max-prompt-length ${max} is less than the chat template's own ${templateTokens} tokens; ` +
        'give more or --no-apply-chat-template',
    )
  }
  if (min > 0 && min < templateTokens) {
    say(`random: the chat template alone takes ${templateTokens} tokens, more than --min-prompt-length ${min}`)
  }
  return { min: Math.max(0, min - templateTokens), max: max - templateTokens }
}

/** Drawn anew for each offset, so that a server does not know it from the run before. */
const drawPrefix = ({ settings, seed }: DatasetContext, tokenizer: Tokenizer): readonly number[] => {
  const rng = rngFor(seed, 'random prefix', settings.offset)
  const ids = drawIds(settings.prefixLength, tokenizer, rng)
  if (settings.tokenizePrompt) return ids
  // Fitted on its own: else a short prompt could be cut within the prefix and equal all others.
  const fitted = fitText(ids, tokenizer, rng).ids
  return fitted.length === ids.length ? fitted : ids
}

const consecutiveIds = (start: number, length: number, tokenizer: Tokenizer): readonly number[] => {
  const vocabulary = tokenizer.ordinaryIds()
  return Array.from({ length }, (_, step) => vocabulary[(start + step) % vocabulary.length] ?? 0)
}

const missedLength = (index: number, actual: number, wanted: number): string =>
  `random: the tokenizer does not give every text back as it was; prompt ${index} has ${actual} tokens, not ${wanted}`

const createSayOnce = (say: (line: string) => void): ((line: string) => void) => {
  let isSaid = false
  return line => {
    if (!isSaid) say(line)
    isSaid = true
  }
}
