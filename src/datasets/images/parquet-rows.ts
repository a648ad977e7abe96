import { ArgumentsError } from '../../errors.ts'
import { isJsonObject } from '../../model/json.ts'
import { openParquet } from '../support/parquet-file.ts'
import { type ImageFields, type ImageRow, textOf } from './image-row.ts'

/**
 * The rows of a Parquet file, one row group after the other: no more than one is in memory. The image is bytes, or an
 * object with `bytes` in it, as Python's `datasets` stores it; without a column for texts no row has one.
 */
export async function* readParquetRows(file: string, fields: ImageFields): AsyncGenerator<ImageRow> {
  const parquet = await openParquet(file)
  try {
    const names = parquet.columns.map(({ element }) => element.name)
    if (!names.includes(fields.image)) throw missingColumn(file, fields.image, names)
    let number = 0
    for (const range of parquet.rowGroups) {
      const images = await parquet.read(fields.image, range)
      const texts = names.includes(fields.text) ? await parquet.read(fields.text, range) : []
      for (let index = 0; index < images.length; index++) {
        number++
        const place = `${file}: row ${number}`
        yield { number, place, image: imageOf(images[index]), text: textOf(texts[index]) }
      }
    }
  } finally {
    await parquet.close()
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
