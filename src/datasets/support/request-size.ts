import { ArgumentsError } from '../../errors.ts'
import type { DatasetContext } from '../dataset.ts'

/** No server takes more in one request, and drawing it would take a minute. */
const mostRequestTokens = 1_000_000

/** Lengths that texts are drawn from, both included. Throws `ArgumentsError` where a request could have too many tokens. */
export const drawnLengths = (
  { settings }: DatasetContext,
  { textsPerLength, causes }: { readonly textsPerLength: number; readonly causes: string },
): { readonly min: number; readonly max: number } => {
  const { spec, minPromptLength: min, maxPromptLength: max } = settings
  const tokens = Math.round(max * textsPerLength)
  if (tokens <= mostRequestTokens) return { min: Math.max(1, min), max }
  throw new ArgumentsError(
    `--dataset ${spec}: a request could have ${tokens} tokens, more than ${mostRequestTokens}; ` +
      `lower --max-prompt-length (${max})${causes}`,
  )
}
