import type { Prompt } from '../model/conversation.ts'
import { rngFor } from '../stats/rng.ts'
import type { DatasetContext, Drawing } from './dataset.ts'
import { batchOptions, readBatchSize } from './support/batches.ts'
import { drawnDataset } from './support/drawn-dataset.ts'
import { drawIds } from './support/exact-text.ts'
import { singleTurn } from './support/prompts.ts'
import { createTextOfIds, requireTokenizer } from './support/random-text.ts'
import { drawnLengths } from './support/request-size.ts'

const parts = { isMultiTurn: false, task: 'embed', needsTokenizer: true, appliesOffset: true } as const

/** Texts of exact token lengths without end, to become a vector each; every token is drawn for itself. */
export const randomEmbedding = drawnDataset({
  names: ['random_embedding'],
  ...parts,
  draw: context =>
    drawTexts('random_embedding', { context, count: 1 }, ({ ids, text }) =>
      context.settings.tokenizePrompt ? { kind: 'tokens', ids: ids[0] ?? [] } : { kind: 'text', text: text(0) },
    ),
})

/** The same, several in a request, each of a length of its own. */
export const randomEmbeddingBatch = drawnDataset({
  names: ['random_embedding_batch'],
  ...parts,
  options: batchOptions,
  draw: context =>
    drawTexts('random_embedding_batch', { context, count: readBatchSize(context.settings) }, ({ ids, text }) => ({
      kind: 'inputs',
      inputs: ids.map((_, position) => text(position)),
    })),
})

interface Drawn {
  readonly ids: readonly (readonly number[])[]
  /** The text of as many tokens as list `position` has ids. */
  text(position: number): string
}

/** `count` texts in each prompt. */
const drawTexts = (
  name: string,
  { context, count }: { readonly context: DatasetContext; readonly count: number },
  promptOf: (drawn: Drawn) => Prompt,
): Drawing => {
  const { settings, seed, say } = context
  const tokenizer = requireTokenizer(context)
  const causes = count === 1 ? '' : ` or batch_size (${count})`
  const { min, max } = drawnLengths(context, { textsPerLength: count, causes })
  const textOf = createTextOfIds(name, tokenizer, say)
  return {
    // Ids alone are sent of single texts only.
    meanTokens: settings.tokenizePrompt && count === 1 ? 0 : (count * (min + max)) / 2,
    at: index => {
      const item = settings.offset + index
      const rng = rngFor(seed, name, item)
      const ids = Array.from({ length: count }, () => drawIds(rng.integer(min, max), tokenizer, rng))
      const text = (position: number): string =>
        textOf(ids[position] ?? [], rng, `text ${position + 1} of prompt ${item}`)
      return singleTurn(promptOf({ ids, text }))
    },
  }
}
