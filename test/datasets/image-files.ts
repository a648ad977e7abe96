import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { SchemaElement } from 'hyparquet'
import { type ParquetWriteOptions, parquetWriteBuffer } from 'hyparquet-writer'

const image = (head: string, rest: string): Buffer => Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from(rest)])

/** What files of each format begin with, and something behind it that tells them apart. */
export const png = (rest: string): Buffer => image('\x89PNG\r\n\x1a\n', rest)
export const jpeg = (rest: string): Buffer => image('\xff\xd8\xff\xe0', rest)
export const gif = (rest: string): Buffer => image('GIF89a', rest)
export const webp = (rest: string): Buffer => image('RIFF\x0a\x00\n\x00WEBP', rest)

/** A row of a table: what is missing is null. */
export type Row = Readonly<Record<string, Buffer | string | null>>

/** How a table is stored. */
export interface TableForm {
  /** The columns of images; the others are texts. */
  readonly images: readonly string[]
  /** Images are objects, as Python's `datasets` has them, or nothing but bytes. */
  readonly isObject?: boolean
  readonly rowGroupSize?: number
  readonly codec?: 'GZIP' | 'SNAPPY' | 'UNCOMPRESSED'
}

/** Writes a Parquet file, and the directories that it stands in. */
export const writeParquet = (file: string, rows: readonly Row[], form: TableForm): void => {
  const names = Object.keys(rows[0] ?? {})
  const valueIn = (row: Row, name: string): unknown => {
    const value = row[name]
    if (!form.images.includes(name) || !form.isObject || value === null) return value
    return { bytes: value, path: 'a.jpg' }
  }
  const { codec = 'SNAPPY', rowGroupSize = 1000 } = form
  const options: Omit<ParquetWriteOptions, 'writer'> = {
    columnData: names.map(name => ({ name, data: rows.map(row => valueIn(row, name)) })),
    schema: [{ name: 'root', num_children: names.length }, ...names.flatMap(name => schemaOf(name, form))],
    rowGroupSize,
    codec,
    compressors: { GZIP: bytes => gzipSync(bytes) },
  }
  write(file, Buffer.from(parquetWriteBuffer(options)))
}

const schemaOf = (name: string, { images, isObject }: TableForm): readonly SchemaElement[] => {
  const bytes = { type: 'BYTE_ARRAY', repetition_type: 'OPTIONAL' } as const
  const text = { ...bytes, converted_type: 'UTF8' } as const
  if (!images.includes(name)) return [{ ...text, name }]
  if (!isObject) return [{ ...bytes, name }]
  return [
    { name, repetition_type: 'OPTIONAL', num_children: 2 },
    { ...bytes, name: 'bytes' },
    { ...text, name: 'path' },
  ]
}

/** A file in an archive: its type is a letter of the format, a file's by default. */
export interface ArchivedFile {
  readonly name: string
  readonly bytes: Buffer | string
  readonly type?: string
}

/** Writes a tar archive as POSIX has it, and the directories that it stands in. */
export const writeTar = (file: string, entries: readonly ArchivedFile[]): void =>
  write(file, Buffer.concat([...entries.map(entryBytes), Buffer.alloc(1024)]))

const entryBytes = ({ name, bytes, type = '0' }: ArchivedFile): Buffer => {
  const data = Buffer.from(bytes)
  const header = Buffer.alloc(512)
  header.write(name, 0, 100)
  header.write('0000644\0', 100)
  header.write(`${data.length.toString(8).padStart(11, '0')}\0`, 124)
  header.write('        ', 148)
  header.write(type, 156)
  header.write('ustar\x0000', 257)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return Buffer.concat([header, data, Buffer.alloc((512 - (data.length % 512)) % 512)])
}

/** Writes a file, and the directories that it stands in. */
export const write = (file: string, bytes: Buffer | string): void => {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, bytes)
}
