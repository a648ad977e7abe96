import { rngFor } from '../stats/rng.ts'
import type { Dataset, DatasetContext } from './dataset.ts'
import { batchOptions, readBatchSize } from './support/batches.ts'
import { drawIds } from './support/exact-text.ts'
import { singleTurn } from './support/prompts.ts'
import { createTextOfIds, requireTokenizer } from './support/random-text.ts'
import { drawnLengths } from './support/request-size.ts'

const parts = { isMultiTurn: false, task: 'embed', needsTokenizer: true, appliesOffset: true } as const

/** Texts of exact token lengths without end, to become a vector each; every token is drawn for itself. */
export const randomEmbedding: Dataset = {
  names: ['random_embedding'],
  ...parts,
  *open(context) {
    for (const { ids, text } of drawTexts('random_embedding', context, 1)) {
      if (context.settings.tokenizePrompt) yield singleTurn({ kind: 'tokens', ids: ids[0] ?? [] })
      else yield singleTurn({ kind: 'text', text: text(0) })
    }
  },
}

/** The same, several in a request, each of a length of its own. */
export const randomEmbeddingBatch: Dataset = {
  names: ['random_embedding_batch'],
  ...parts,
  options: batchOptions,
  *open(context) {
    for (const { ids, text } of drawTexts('random_embedding_batch', context, readBatchSize(context.settings))) {
      yield singleTurn({ kind: 'inputs', inputs: ids.map((_, position) => text(position)) })
    }
  },
}

interface Drawn {
  readonly ids: readonly (readonly number[])[]
  /** The text of as many tokens as list `position` has ids. */
  text(position: number): string
}

function* drawTexts(name: string, context: DatasetContext, count: number): Generator<Drawn> {
  const { settings, seed, say } = context
  const tokenizer = requireTokenizer(context)
  const causes = count === 1 ? '' : ` or batch_size (${count})`
  const { min, max } = drawnLengths(context, { textsPerLength: count, causes })
  const textOf = createTextOfIds(name, tokenizer, say)
  for (let index = settings.offset; ; index++) {
    const rng = rngFor(seed, name, index)
    const ids = Array.from({ length: count }, () => drawIds(rng.integer(min, max), tokenizer, rng))
    yield { ids, text: position => textOf(ids[position] ?? [], rng, `text ${position + 1} of prompt ${index}`) }
  }
}
