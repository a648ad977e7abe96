import { ArgumentsError } from '../errors.ts'
import type { IntegerRange } from '../model/run-plan.ts'
import { rngFor } from '../stats/rng.ts'
import type { Tokenizer } from '../tokenizers/tokenizer.ts'
import type { Dataset, DatasetContext } from './dataset.ts'
import { singleTurn, wrapText } from './support/prompts.ts'
import { consecutiveIds, createTextOfIds, drawPrefix, requireTokenizer } from './support/random-text.ts'

/**
 * Prompts of exact token lengths without end: a prefix that the run's prompts share, then a run of consecutive ordinary
 * ids. The length counts the chat template, not the prefix.
 */
export const random: Dataset = {
  names: ['random'],
  isMultiTurn: false,
  needsTokenizer: true,
  appliesOffset: true,
  *open(context) {
    const { settings, seed } = context
    const tokenizer = requireTokenizer(context)
    const lengths = innerLengths(context, tokenizer)
    const prefix = drawPrefix(context, tokenizer)
    const textOf = createTextOfIds('random', tokenizer, context.say)
    for (let index = 0; ; index++) {
      const rng = rngFor(seed, 'random', index)
      const length = rng.integer(lengths.min, lengths.max)
      const start = rng.integer(0, tokenizer.ordinaryIds().length - 1) + settings.offset + index
      const ids = [...prefix, ...consecutiveIds(start, length, tokenizer)]
      if (settings.tokenizePrompt) yield singleTurn({ kind: 'tokens', ids })
      else yield singleTurn(wrapText(textOf(ids, rng, `prompt ${index}`), settings.chat))
    }
  },
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
