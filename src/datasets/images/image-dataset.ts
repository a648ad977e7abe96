import { ArgumentsError } from '../../errors.ts'
import type { Conversation, Prompt } from '../../model/conversation.ts'
import type { Dataset, DatasetContext } from '../dataset.ts'
import { requirePath } from '../support/file-path.ts'
import { singleTurn } from '../support/prompts.ts'
import { createSkippedLines } from '../support/skipped-lines.ts'
import { findImageFiles } from './image-files.ts'
import { imagePrompt, requireImageMessages } from './image-prompt.ts'
import type { ImageFields, ImageRow } from './image-row.ts'
import { dataUrl, imageFormats, mediaTypeOf } from './image-url.ts'

/** A dataset of images with texts, but for how its files are read. */
export interface ImageDatasetParts extends Omit<Dataset, 'open' | 'isDear'> {
  readonly fields: ImageFields
  /** Stands for a text that is missing; without, such a row is skipped. */
  readonly defaultText?: string
  /** What the files are, for who does not name one. */
  readonly content: string
}

/** A dataset that sends the images of its files as they are stored there, each behind its text. */
export const createImageDataset = ({ fields, defaultText, content, ...rest }: ImageDatasetParts): Dataset => ({
  ...rest,
  isDear: true,
  async *open(context) {
    requireImageMessages(context)
    const path = requirePath(context, content)
    const { files, read } = await findImageFiles(path)
    let usedCount = 0
    for (const file of files) {
      for await (const conversation of conversations(read(file, fields), file, defaultText, context)) {
        usedCount++
        yield conversation
      }
    }
    if (usedCount > 0) return
    throw new ArgumentsError(`--dataset-path ${path}: no row has an image and a text; give another`)
  },
})

async function* conversations(
  rows: AsyncIterable<ImageRow>,
  file: string,
  defaultText: string | undefined,
  { say }: DatasetContext,
): AsyncGenerator<Conversation> {
  const skipped = createSkippedLines(file, say, 'row')
  try {
    for await (const row of rows) {
      const prompt = promptOf(row, defaultText)
      if (typeof prompt === 'string') skipped.skip(row.number, prompt, row.place)
      else yield singleTurn(prompt)
    }
  } finally {
    skipped.end()
  }
}

/** What is sent of a row, or what is wrong with it. */
const promptOf = ({ image, text }: ImageRow, defaultText: string | undefined): Prompt | string => {
  const said = text?.trim() ? text : defaultText
  if (said === undefined) return 'it has no text'
  if (image === undefined) return 'it has no image'
  const mediaType = mediaTypeOf(image)
  return mediaType === undefined ? `its image is no ${imageFormats}` : imagePrompt(said, [dataUrl(mediaType, image)])
}
