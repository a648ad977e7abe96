import { ArgumentsError } from '../../errors.ts'
import type { IntegerRange } from '../../model/run-plan.ts'
import { type Rng, rngFor } from '../../stats/rng.ts'
import type { Tokenizer } from '../../tokenizers/tokenizer.ts'
import type { DatasetContext } from '../dataset.ts'
import { consecutiveIds, drawPrefix } from './random-text.ts'

/** The ids of one prompt, and the numbers that may be drawn to make a text of them. */
export interface RandomRun {
  readonly index: number
  readonly ids: readonly number[]
  readonly rng: Rng
}

/**
 * Ids of random prompts without end: a prefix that the run's prompts share, then a run of consecutive ordinary ids. Its
 * length is drawn between the limits on prompts, and counts the chat template, not the prefix.
 */
export function* randomRuns(context: DatasetContext, tokenizer: Tokenizer): Generator<RandomRun> {
  const { settings, seed } = context
  const lengths = innerLengths(context, tokenizer)
  const prefix = drawPrefix(context, tokenizer)
  for (let index = 0; ; index++) {
    const rng = rngFor(seed, 'random', index)
    const length = rng.integer(lengths.min, lengths.max)
    const start = rng.integer(0, tokenizer.ordinaryIds().length - 1) + settings.offset + index
    yield { index, ids: [...prefix, ...consecutiveIds(start, length, tokenizer)], rng }
  }
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
    say(
      `${settings.spec}: the chat template alone takes ${templateTokens} tokens, more than --min-prompt-length ${min}`,
    )
  }
  return { min: Math.max(0, min - templateTokens), max: max - templateTokens }
}
