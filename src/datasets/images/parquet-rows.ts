import type { ParquetRowRange } from 'hyparquet'
import { ArgumentsError } from '../../errors.ts'
import { isJsonObject } from '../../model/json.ts'
import { partsOf } from '../support/parquet-column.ts'
import { openParquet, type ParquetFile } from '../support/parquet-file.ts'
import { type ImageFields, type ImageRow, textOf } from './image-row.ts'

/**
 * The rows of a Parquet file, in parts. The image is bytes or, in whole row groups, which the parser does not take apart,
 * an object with `bytes` in it, as Python's `datasets` stores it; without a column for texts no row has one.
 */
export async function* readParquetRows(file: string, fields: ImageFields): AsyncGenerator<ImageRow> {
  const parquet = await openParquet(file)
  try {
    const names = parquet.columns.map(({ element }) => element.name)
    const column = parquet.columns.find(({ element }) => element.name === fields.image)
    if (column === undefined) throw missingColumn(file, fields.image, names)
    const textIn = createTexts(parquet, names.includes(fields.text) ? fields.text : undefined)
    for (const range of partsOf(parquet, fields.image, column.children.length > 0)) {
      const texts = await textIn(range)
      for (const [index, image] of Array.from(await parquet.read(fields.image, range)).entries()) {
        const number = range.rowStart + index + 1
        yield { number, place: `${file}: row ${number}`, image: imageOf(image), text: textOf(texts[index]) }
      }
    }
  } finally {
    await parquet.close()
  }
}

/** The texts of some rows, read for a whole row group: else each part of the images would be read from all of them anew. */
const createTexts = (parquet: ParquetFile, column: string | undefined) => {
  let kept: ParquetRowRange & { readonly values: readonly unknown[] } = { rowStart: 0, rowEnd: 0, values: [] }
  return async ({ rowStart, rowEnd }: ParquetRowRange): Promise<readonly unknown[]> => {
    const group = parquet.rowGroups.find(({ rowEnd: end }) => rowStart < end)
    if (column === undefined || group === undefined) return []
    if (rowStart >= kept.rowEnd) kept = { ...group, values: Array.from(await parquet.read(column, group)) }
    return kept.values.slice(rowStart - kept.rowStart, rowEnd - kept.rowStart)
  }
}

const imageOf = (value: unknown): Uint8Array | undefined => {
  if (value instanceof Uint8Array) return value
  return isJsonObject(value) ? imageOf(value.bytes) : undefined
}

const missingColumn = (file: string, name: string, names: readonly string[]): ArgumentsError =>
  new ArgumentsError(
    `${file} has no column ${JSON.stringify(name)} for the images, but ${names.map(other => JSON.stringify(other)).join(', ')}; ` +
      'give a file of this dataset',
  )
