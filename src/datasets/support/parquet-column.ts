import type { ParquetRowRange, SchemaTree } from 'hyparquet'
import type { JsonValue } from '../../model/json.ts'
import type { ChooseColumn, Column } from './columns.ts'
import type { FileItem } from './file-items.ts'
import { openParquet, type ParquetFile } from './parquet-file.ts'

/**
 * The values in one column of a Parquet file, whose row groups are read one after the other, and texts of a large one in
 * parts. What is no text comes as JSON has it: lists, objects, dates as texts.
 */
export async function* readParquetColumn(file: string, choose: ChooseColumn): AsyncGenerator<FileItem> {
  const { toJson } = await import('hyparquet')
  const parquet = await openParquet(file)
  try {
    const columns = parquet.columns.map(toColumn)
    const name = choose(columns)
    const isNested = columns.some(column => column.name === name && column.kind === 'nested')
    let number = 0
    for (const rows of partsOf(parquet, name, isNested)) {
      for (const value of Array.from(await parquet.read(name, rows))) {
        number++
        // Texts that some writers do not say to be texts.
        const plain = value instanceof Uint8Array ? Buffer.from(value).toString() : value
        yield { number, place: `${file}: row ${number}`, value: toJson(plain) as JsonValue }
      }
    }
  } finally {
    await parquet.close()
  }
}

const toColumn = ({ element, children }: SchemaTree): Column => {
  const { name, type, logical_type: logical, converted_type: converted } = element
  if (children.length > 0 || element.repetition_type === 'REPEATED') return { name, kind: 'nested' }
  const isText = (logical?.type ?? 'STRING') === 'STRING' && (converted ?? 'UTF8') === 'UTF8'
  return { name, kind: type === 'BYTE_ARRAY' && isText ? 'text' : 'other' }
}

/** About what a page has, the least that can be decoded: 5 ms. */
const partBytes = 1024 * 1024

/**
 * The rows to read at once: parts of row groups, of `bytes` when they are not compressed, or whole ones of a column with
 * lists or objects.
 */
export function* partsOf(
  parquet: ParquetFile,
  column: string,
  isNested: boolean,
  bytes = partBytes,
): Generator<ParquetRowRange> {
  for (const [group, { rowStart, rowEnd }] of parquet.rowGroups.entries()) {
    const parts = isNested ? 1 : Math.max(1, parquet.bytesIn(group, column) / bytes)
    const step = Math.ceil((rowEnd - rowStart) / parts)
    for (let start = rowStart; start < rowEnd; start += step) {
      yield { rowStart: start, rowEnd: Math.min(start + step, rowEnd) }
    }
  }
}
