import { ArgumentsError } from '../../errors.ts'
import { openFile, readPiece } from '../support/open-file.ts'

/** A file within a tar archive. */
export interface TarEntry {
  /** With the directories that it stands in. */
  readonly name: string
  readonly bytes: number
  read(): Promise<Buffer>
}

const blockBytes = 512
/** Names and attributes are read whole; longer ones are none. */
const mostNameBytes = 1024 * 1024

/** The files in a tar archive in their order, also those with the long names of GNU's and Python's tar. */
export async function* readTar(file: string): AsyncGenerator<TarEntry> {
  const handle = await openFile(file)
  try {
    const { size: archiveBytes } = await handle.stat()
    let longName: string | undefined
    for (let start = 0; start !== archiveBytes || start === 0; ) {
      if (start + blockBytes > archiveBytes) throw brokenError(file, start)
      const header = await readPiece(handle, start, blockBytes, file)
      // What follows is padding.
      if (header.every(byte => byte === 0)) return
      const [dataStart, dataBytes] = [start + blockBytes, sizeIn(header)]
      // A size below 0, or none, would lead back, and round and round.
      if (!isHeader(header) || !(dataBytes >= 0 && dataStart + dataBytes <= archiveBytes))
        throw brokenError(file, start)
      const read = (): Promise<Buffer> => readPiece(handle, dataStart, dataBytes, file)
      const type = typeIn(header)
      if (type === 'file') yield { name: longName ?? nameIn(header), bytes: dataBytes, read }
      else if (type !== undefined && dataBytes > mostNameBytes) throw brokenError(file, start)
      if (type === 'long name') longName = textIn(await read())
      else longName = type === 'attributes' ? (pathIn(await read()) ?? longName) : undefined
      start = dataStart + Math.ceil(dataBytes / blockBytes) * blockBytes
    }
  } finally {
    await handle.close()
  }
}

const brokenError = (file: string, start: number): ArgumentsError =>
  new ArgumentsError(`${file} is no whole tar archive (byte ${start}); get it again, and unpack it if it is compressed`)

/** The sum of all bytes stands in the header, made with blanks in its own place. */
const isHeader = (header: Buffer): boolean => {
  const sum = header.reduce((total, byte, index) => total + (index >= 148 && index < 156 ? 32 : byte), 0)
  return sum === octalIn(header, 148, 156)
}

const types: Readonly<Record<string, 'file' | 'long name' | 'attributes'>> = {
  '0': 'file',
  '\0': 'file',
  L: 'long name',
  x: 'attributes',
}

const typeIn = (header: Buffer) => types[String.fromCharCode(header[156] ?? 0)]

const nameIn = (header: Buffer): string => {
  const name = textIn(header.subarray(0, 100))
  // GNU's tar has other things in this place.
  const prefix = header.toString('latin1', 257, 263) === 'ustar\0' ? textIn(header.subarray(345, 500)) : ''
  return prefix === '' ? name : `${prefix}/${name}`
}

/** In octal digits, or in bytes where these are too few. */
const sizeIn = (header: Buffer): number =>
  ((header[124] ?? 0) & 0x80) === 0 ? octalIn(header, 124, 136) : header.readUIntBE(130, 6)

const octalIn = (header: Buffer, start: number, end: number): number =>
  Number.parseInt(textIn(header.subarray(start, end)).trim() || '0', 8)

const textIn = (bytes: Buffer): string => {
  const end = bytes.indexOf(0)
  return bytes.toString('utf8', 0, end === -1 ? bytes.length : end)
}

/** The `path` among records such as `18 path=some/name\n`, of which each begins with its length. */
const pathIn = (bytes: Buffer): string | undefined => {
  let path: string | undefined
  for (let start = 0; start < bytes.length; ) {
    const length = Number.parseInt(bytes.toString('latin1', start, start + 20), 10)
    if (!(length > 0)) return path
    const [, value] = /^\d+ path=(.*)\n$/s.exec(bytes.toString('utf8', start, start + length)) ?? []
    path = value ?? path
    start += length
  }
  return path
}
