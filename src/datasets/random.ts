import type { Dataset } from './dataset.ts'
import { singleTurn, wrapText } from './support/prompts.ts'
import { randomRuns } from './support/random-runs.ts'
import { createTextOfIds, requireTokenizer } from './support/random-text.ts'

/** Prompts of exact token lengths without end. */
export const random: Dataset = {
  names: ['random'],
  isMultiTurn: false,
  needsTokenizer: true,
  appliesOffset: true,
  *open(context) {
    const { settings, say } = context
    const tokenizer = requireTokenizer(context)
    const textOf = createTextOfIds('random', tokenizer, say)
    for (const { index, ids, rng } of randomRuns(context, tokenizer)) {
      if (settings.tokenizePrompt) yield singleTurn({ kind: 'tokens', ids })
      else yield singleTurn(wrapText(textOf(ids, rng, `prompt ${index}`), settings.chat))
    }
  },
}
