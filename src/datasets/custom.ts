import type { Dataset, DatasetContext } from './dataset.ts'
import { requirePath, resolveFile } from './support/file-path.ts'
import { ownValueOptions, readOwnValues } from './support/own-values.ts'
import { usablePrompts } from './support/prompts.ts'
import { createObjectHint } from './support/sent-objects.ts'

/**
 * Texts of a file as they stand, whatever they hold: its lines, a column of a CSV or Parquet file, or a field of JSON
 * objects. Blank ones are skipped.
 */
export const custom: Dataset = {
  names: ['custom'],
  isMultiTurn: false,
  options: ownValueOptions,
  async *open(context) {
    const content = 'a text file with one prompt per line, or a .csv, .tsv, .parquet, .json or .jsonl file'
    const file = await resolveFile(requirePath(context, content))
    yield* usablePrompts(readTexts(context, file), context, file)
  },
}

async function* readTexts(context: DatasetContext, file: string): AsyncGenerator<string> {
  const hint = createObjectHint(context, file, 'text')
  for await (const item of readOwnValues(context, file)) {
    hint(item)
    const { value } = item
    yield typeof value === 'string' ? value.trim() : JSON.stringify(value)
  }
}
