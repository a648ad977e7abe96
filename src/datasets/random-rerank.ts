import { type Rng, rngFor } from '../stats/rng.ts'
import { drawnDataset } from './support/drawn-dataset.ts'
import { drawIds } from './support/exact-text.ts'
import { mostPromptTokens } from './support/options.ts'
import { singleTurn } from './support/prompts.ts'
import { createTextOfIds, requireTokenizer } from './support/random-text.ts'
import { drawnLengths } from './support/request-size.ts'

const name = 'random_rerank'

/** Queries of drawn token lengths without end, each with documents so many times as long; every token is drawn for itself. */
export const randomRerank = drawnDataset({
  names: [name],
  isMultiTurn: false,
  task: 'rerank',
  needsTokenizer: true,
  appliesOffset: true,
  options: {
    num_documents: { kind: 'int', min: 1, max: mostPromptTokens, help: 'documents of a query' },
    document_length_ratio: {
      kind: 'number',
      above: 0,
      max: mostPromptTokens,
      help: 'how many times as long as its query a document is',
    },
  },
  draw(context) {
    const { settings, seed, say } = context
    const tokenizer = requireTokenizer(context)
    const count = (settings.args.num_documents as number | undefined) ?? 10
    const ratio = (settings.args.document_length_ratio as number | undefined) ?? 5
    const causes = `, num_documents (${count}) or document_length_ratio (${ratio})`
    const { min, max } = drawnLengths(context, { textsPerLength: 1 + count * ratio, causes })
    const textOf = createTextOfIds(name, tokenizer, say)
    const draw = (length: number, rng: Rng, place: string): string =>
      textOf(drawIds(length, tokenizer, rng), rng, place)
    return {
      meanTokens: ((1 + count * ratio) * (min + max)) / 2,
      at: index => {
        const item = settings.offset + index
        const rng = rngFor(seed, name, item)
        const length = rng.integer(min, max)
        const query = draw(length, rng, `query ${item}`)
        const documentLength = Math.max(1, Math.trunc(length * ratio))
        const documents = Array.from({ length: count }, (_, position) =>
          draw(documentLength, rng, `document ${position + 1} of query ${item}`),
        )
        return singleTurn({ kind: 'rerank', query, documents })
      },
    }
  },
})
