import { drawnDataset } from './support/drawn-dataset.ts'
import { singleTurn, wrapText } from './support/prompts.ts'
import { drawRuns } from './support/random-runs.ts'
import { createTextOfIds, requireTokenizer } from './support/random-text.ts'

/** Prompts of exact token lengths without end. */
export const random = drawnDataset({
  names: ['random'],
  isMultiTurn: false,
  needsTokenizer: true,
  appliesOffset: true,
  draw(context) {
    const { settings, say } = context
    const tokenizer = requireTokenizer(context)
    const textOf = createTextOfIds('random', tokenizer, say)
    const runs = drawRuns(context, tokenizer)
    return {
      meanTokens: settings.tokenizePrompt ? 0 : runs.meanTokens,
      at: index => {
        const { ids, rng } = runs.at(index)
        if (settings.tokenizePrompt) return singleTurn({ kind: 'tokens', ids })
        return singleTurn(wrapText(textOf(ids, rng, `prompt ${index}`), settings.chat))
      },
    }
  },
})
