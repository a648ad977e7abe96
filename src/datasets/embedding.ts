import { ArgumentsError } from '../errors.ts'
import type { Conversation } from '../model/conversation.ts'
import { isJsonObject, type JsonValue } from '../model/json.ts'
import type { Dataset, DatasetContext } from './dataset.ts'
import { batchOptions, readBatchSize } from './support/batches.ts'
import type { FileItems } from './support/file-items.ts'
import { createItemDataset } from './support/item-dataset.ts'
import { singleTurn, usablePrompts } from './support/prompts.ts'

const textKeys = ['text', 'input', 'sentence', 'content'] as const

const parts = {
  isMultiTurn: false,
  task: 'embed',
  textLines: true,
  content: 'a .txt file with one text per line, or JSON Lines or a JSON array of texts, or of objects with "text"',
} as const

/** Texts of a file, each of which is to become a vector. */
export const embedding: Dataset = createItemDataset({
  names: ['embedding', 'embed'],
  ...parts,
  conversations: usableTexts,
})

/** The same texts, several in a request; the last one of a pass has those that are left. */
export const embeddingBatch: Dataset = createItemDataset({
  names: ['embedding_batch'],
  ...parts,
  options: batchOptions,
  async *conversations(items, context) {
    const size = readBatchSize(context.settings)
    let inputs: string[] = []
    for await (const text of textsOf(usableTexts(items, context))) {
      inputs.push(text)
      if (inputs.length < size) continue
      yield singleTurn({ kind: 'inputs', inputs })
      inputs = []
    }
    if (inputs.length > 0) yield singleTurn({ kind: 'inputs', inputs })
  },
})

/** The texts within the length limits, which know no chat template here. */
async function* usableTexts(items: FileItems, context: DatasetContext): AsyncGenerator<Conversation> {
  const settings = { ...context.settings, chat: false }
  yield* usablePrompts(readTexts(items), { ...context, settings }, items.file)
}

async function* textsOf(conversations: AsyncIterable<Conversation>): AsyncGenerator<string> {
  for await (const { turns } of conversations) {
    for (const { prompt } of turns) if (prompt.kind === 'text') yield prompt.text
  }
}

async function* readTexts(items: FileItems): AsyncGenerator<string> {
  for await (const item of items.read()) {
    const text = textIn(item.value)
    if (text === undefined) {
      throw new ArgumentsError(
        `${item.place}: neither a text nor an object with a text in ${textKeys.join(', ')}; correct or remove it`,
      )
    }
    if (text.trim() !== '') yield text
  }
}

const textIn = (value: JsonValue): string | undefined => {
  if (!isJsonObject(value)) return typeof value === 'string' ? value : undefined
  return textKeys.map(key => value[key]).find(text => typeof text === 'string')
}
