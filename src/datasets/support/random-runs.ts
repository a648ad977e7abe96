import { ArgumentsError } from '../../errors.ts'
import type { IntegerRange } from '../../model/run-plan.ts'
import { type Rng, rngFor } from '../../stats/rng.ts'
import type { Tokenizer } from '../../tokenizers/tokenizer.ts'
import type { DatasetContext } from '../dataset.ts'
import { consecutiveIds, drawPrefix } from './random-text.ts'

/** The ids of one prompt, and the numbers that may be drawn to make a text of them. */
export interface RandomRun {
  readonly ids: readonly number[]
  readonly rng: Rng
}

/** The ids of random prompts, any of them. */
export interface RandomRuns {
  /** Ids of a prompt on average. */
  readonly meanTokens: number
  at(index: number): RandomRun
}

/**
 * A prefix that the run's prompts share, then a run of consecutive ordinary ids. Its length is drawn between the limits
 * on prompts, and counts what a server puts around a text, not the prefix.
 */
export const drawRuns = (context: DatasetContext, tokenizer: Tokenizer): RandomRuns => {
  const { settings, seed } = context
  const lengths = innerLengths(context, tokenizer)
  const prefix = drawPrefix(context, tokenizer)
  return {
    meanTokens: prefix.length + (lengths.min + lengths.max) / 2,
    at: index => {
      const rng = rngFor(seed, 'random', index)
      const length = rng.integer(lengths.min, lengths.max)
      const start = rng.integer(0, tokenizer.ordinaryIds().length - 1) + settings.offset + index
      return { ids: [...prefix, ...consecutiveIds(start, length, tokenizer)], rng }
    },
  }
}

/** The lengths without the tokens that a server puts around a text. */
const innerLengths = ({ settings, say }: DatasetContext, tokenizer: Tokenizer): IntegerRange => {
  const { minPromptLength: min, maxPromptLength: max } = settings
  const { tokens, what, remedy } = tokensAround(settings.chat, tokenizer)
  if (settings.tokenizePrompt || tokens === 0) return { min, max }
  if (max < tokens) {
    throw new ArgumentsError(`--max-prompt-length ${max} is less than ${what}'s own ${tokens} tokens; give ${remedy}`)
  }
  if (min > 0 && min < tokens) {
    say(`${settings.spec}: ${what} alone takes ${tokens} tokens, more than --min-prompt-length ${min}`)
  }
  return { min: Math.max(0, min - tokens), max: max - tokens }
}

/** Its chat template around a message, or else the marks around a plain text: the beginning of a sequence, mostly. */
const tokensAround = (chat: boolean, tokenizer: Tokenizer) => {
  if (!chat) return { tokens: tokenizer.encode('', true).length, what: 'the tokenizer', remedy: 'more' }
  if (!tokenizer.hasChatTemplate) return { tokens: 0, what: '', remedy: '' }
  // Not around an empty one: some templates refuse it.
  const tokens = tokenizer.encodeChat([{ role: 'user', content: 'a' }]).length - tokenizer.encode('a').length
  return { tokens, what: 'the chat template', remedy: 'more or --no-apply-chat-template' }
}
