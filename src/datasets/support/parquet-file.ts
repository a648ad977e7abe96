import type { FileHandle } from 'node:fs/promises'
import type { AsyncBuffer, ColumnMetaData, ParquetRowRange, RowGroup, SchemaTree } from 'hyparquet'
import { ArgumentsError, reasonOf } from '../../errors.ts'
import { openFile, readPiece } from './open-file.ts'
import { checkPages, chunkPlace } from './parquet-pages.ts'

/** A Parquet file that is open. */
export interface ParquetFile {
  readonly columns: readonly SchemaTree[]
  /** Rows that are stored together, in their order. */
  readonly rowGroups: readonly ParquetRowRange[]
  /** Bytes that a column takes up in a row group when it is not compressed. */
  bytesIn(group: number, column: string): number
  /** The values of a column in rows of one group; bytes that are not marked as text are left as they are. */
  read(column: string, rows: ParquetRowRange): Promise<ArrayLike<unknown>>
  close(): Promise<void>
}

/** How a file is read. */
export interface ParquetForm {
  /**
   * For a file with much text in one page: texts are the bytes that they are written in, each a view of its page, and
   * Snappy is decompressed by the parser itself. WebAssembly takes half the time, but never gives back its memory.
   */
  readonly sparesMemory?: boolean
}

/** Opens a Parquet file; throws `ArgumentsError` where it is none, or broken. */
export const openParquet = async (file: string, { sparesMemory = false }: ParquetForm = {}): Promise<ParquetFile> => {
  const { parquetScan, parquetSchema } = await import('hyparquet')
  const { compressors } = await import('hyparquet-compressors')
  const { SNAPPY: _, ...others } = compressors
  const form = sparesMemory
    ? { compressors: others, parsers: { stringFromBytes: (bytes: Uint8Array) => bytes } }
    : { compressors }
  const handle = await openFile(file)
  try {
    const { size } = await handle.stat()
    const buffer = createBuffer(handle, size, file)
    const scan = await explained(file, () => parquetScan({ file: buffer, utf8: false, ...form }))
    // Those without rows are in no range.
    const groups = scan.metadata.row_groups.filter(({ num_rows: count }) => count > 0)
    const check = createCheck(buffer)
    return {
      columns: parquetSchema(scan.metadata).children,
      rowGroups: scan.ranges,
      bytesIn: (group, column) => bytesIn(groups[group], column),
      read: (column, rows) =>
        explained(file, async () => {
          const group = scan.ranges.findIndex(range => rows.rowStart >= range.rowStart && rows.rowStart < range.rowEnd)
          await check(groups[group], column)
          return scan.readColumn({ column, ...rows })
        }),
      close: () => handle.close(),
    }
  } catch (error) {
    await handle.close()
    throw error
  }
}

/** What the parser says of a file that it cannot read, as a mistake of the user. */
const explained = async <Value>(file: string, read: () => Promise<Value>): Promise<Value> => {
  try {
    return await read()
  } catch (error) {
    if (error instanceof ArgumentsError) throw error
    throw new ArgumentsError(`${file} cannot be read as Parquet (${reasonOf(error)}); give a file that is whole`, {
      cause: error,
    })
  }
}

const bytesIn = (group: RowGroup | undefined, column: string): number =>
  chunksOf(group, column).reduce((sum, meta) => sum + Number(meta.total_uncompressed_size), 0)

/** What is told of a column in a row group: of one with fields, of each of them. */
const chunksOf = (group: RowGroup | undefined, column: string): readonly ColumnMetaData[] =>
  group?.columns.flatMap(({ meta_data: meta }) => (meta?.path_in_schema[0] === column ? [meta] : [])) ?? []

/** Checks the pages of a column in a row group, once, before they are read. */
const createCheck = (buffer: AsyncBuffer) => {
  const checked = new Set<ColumnMetaData>()
  return async (group: RowGroup | undefined, column: string): Promise<void> => {
    for (const meta of chunksOf(group, column)) {
      if (checked.has(meta)) continue
      const { start, end } = chunkPlace(meta)
      if (!(start >= 0 && end >= start && end <= buffer.byteLength)) throw new Error(`${column} is not all there`)
      await checkPages(await buffer.slice(start, end), meta)
      checked.add(meta)
    }
  }
}

/** The file as the parser wants it. It asks for all of a row group's column with each part of it, so one read is kept. */
const createBuffer = (handle: FileHandle, byteLength: number, file: string): AsyncBuffer => {
  let kept: { readonly start: number; readonly end: number; readonly bytes: Promise<ArrayBuffer> } | undefined
  return {
    byteLength,
    slice: (start, end = byteLength) => {
      if (kept?.start !== start || kept.end !== end) {
        // A piece takes up all of its memory, as the parser expects.
        const bytes = readPiece(handle, start, end - start, file).then(({ buffer }) => buffer as ArrayBuffer)
        kept = { start, end, bytes }
      }
      return kept.bytes
    },
  }
}
