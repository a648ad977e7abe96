import type { Rng } from '../../stats/rng.ts'
import type { Tokenizer } from '../../tokenizers/tokenizer.ts'
import { cutText } from './cut-text.ts'

/**
 * Turns made of texts in their order, each filled up to its budget of tokens, counted bare; the text that goes beyond a
 * budget is cut there, and its rest is lost. Undefined when the texts run out before the last turn has begun.
 */
export const fillTurns = (
  texts: readonly string[],
  budgets: readonly number[],
  tokenizer: Tokenizer,
  rng: Rng,
): readonly (readonly string[])[] | undefined => {
  const turns: (readonly string[])[] = []
  let next = 0
  for (const budget of budgets) {
    const turn: string[] = []
    for (let left = budget; left > 0 && next < texts.length; ) {
      const text = texts[next++] as string
      const cut = cutText(text, left, tokenizer, rng)
      turn.push(cut.text)
      left = cut.text === text ? left - cut.tokens : 0
    }
    if (turn.length === 0) return undefined
    turns.push(turn)
  }
  return turns
}
