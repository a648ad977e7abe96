import type { ColumnMetaData } from 'hyparquet'

/** Values of one page: writers make pages of a MB, of which each value takes some bits. */
const mostPageValues = 2 ** 24

/** Where a column of a row group stands in its file, as the parser finds it. */
export const chunkPlace = (meta: ColumnMetaData): { readonly start: number; readonly end: number } => {
  const start = Number(meta.dictionary_page_offset || meta.data_page_offset)
  return { start, end: start + Number(meta.total_compressed_size) }
}

/**
 * Rejects a column, given as its bytes, whose pages say of themselves what cannot be. The parser believes them: it
 * would go back and forth for ever, or ask for more memory than there is.
 */
export const checkPages = async (bytes: ArrayBuffer, { num_values: valueCount }: ColumnMetaData): Promise<void> => {
  // Thirteen files that most benchmarks never need.
  const { parquetHeader } = await import('hyparquet/src/column.js')
  const reader = { view: new DataView(bytes), offset: 0 }
  // Some writers leave a rest behind the last page.
  for (let seen = 0; seen < valueCount && reader.offset < bytes.byteLength - 1; ) {
    const { compressed_page_size: size, uncompressed_page_size: unpacked, ...header } = parquetHeader(reader)
    const { data_page_header: v1, data_page_header_v2: v2, dictionary_page_header: dictionary } = header
    const counts = [v1?.num_values, dictionary?.num_values, v2?.num_values, v2?.num_nulls, v2?.num_rows]
    const lengths = [unpacked, size, v2?.definition_levels_byte_length, v2?.repetition_levels_byte_length]
    const wrong = [...counts, ...lengths].find(amount => amount !== undefined && !(amount >= 0))
    const tooMany = counts.find(count => count !== undefined && count > mostPageValues)
    if (wrong !== undefined || tooMany !== undefined) throw new Error(`a page speaks of ${wrong ?? tooMany}`)
    if (size > bytes.byteLength - reader.offset) throw new Error(`a page of ${size} bytes is not all there`)
    reader.offset += size
    seen += v1?.num_values ?? v2?.num_values ?? 0
  }
}
