import type { Conversation } from '../../model/conversation.ts'
import type { Dataset, DatasetContext } from '../dataset.ts'
import { type FileItems, openItems } from './file-items.ts'
import { requirePath, resolveFile } from './file-path.ts'

/** A dataset of a file's items, but for what it makes of them. */
export interface ItemDatasetParts extends Omit<Dataset, 'open'> {
  /** What the file holds, for who does not name one. */
  readonly content: string
  /** A `.txt` file holds a text in each line. */
  readonly textLines: boolean
  conversations(items: FileItems, context: DatasetContext): AsyncIterable<Conversation>
}

/** A dataset whose file is JSON Lines or a JSON array. */
export const createItemDataset = ({ content, textLines, conversations, ...rest }: ItemDatasetParts): Dataset => ({
  ...rest,
  async *open(context) {
    const file = await resolveFile(requirePath(context, content))
    yield* conversations(await openItems(file, textLines), context)
  },
})
