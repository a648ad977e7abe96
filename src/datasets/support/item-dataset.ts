import type { Conversation } from '../../model/conversation.ts'
import type { Dataset, DatasetContext } from '../dataset.ts'
import { type FileItems, openItems } from './file-items.ts'
import { requirePath, resolveFile } from './file-path.ts'

/** A dataset of a file's items, but for what it makes of them. */
export interface ItemDatasetParts extends Omit<Dataset, 'open' | 'prepare'> {
  /** What the file holds, for who does not name one. */
  readonly content: string
  /** A `.txt` file holds a text in each line. */
  readonly textLines: boolean
  conversations(items: FileItems, context: DatasetContext): AsyncIterable<Conversation>
}

/** A dataset whose file is JSON Lines, or a JSON array, which is then read once and not for each pass. */
export const createItemDataset = ({ content, textLines, conversations, ...rest }: ItemDatasetParts): Dataset => {
  const itemsOf = async (context: DatasetContext): Promise<FileItems> =>
    openItems(await resolveFile(requirePath(context, content)), textLines)
  return {
    ...rest,
    prepare: async context => {
      const items = await itemsOf(context)
      return { ...rest, open: opened => conversations(items, opened) }
    },
    async *open(context) {
      yield* conversations(await itemsOf(context), context)
    },
  }
}
