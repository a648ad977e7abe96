import { type FileHandle, open } from 'node:fs/promises'
import { ArgumentsError, reasonOf } from '../../errors.ts'

/** A longer line is none, but a file of another format. */
export const mostLineBytes = 64 * 1024 * 1024

/** A file that can be read at any place; throws `ArgumentsError` where it cannot be opened. */
export const openFile = async (file: string): Promise<FileHandle> => {
  try {
    return await open(file)
  } catch (error) {
    const reason = reasonOf(error)
    throw new ArgumentsError(`${file} cannot be opened (${reason}); give a readable file with --dataset-path`, {
      cause: error,
    })
  }
}

/** So many bytes from a place of an open file; throws `ArgumentsError` where `file`, its path, has become shorter. */
export const readPiece = async (handle: FileHandle, start: number, length: number, file: string): Promise<Buffer> => {
  const bytes = Buffer.allocUnsafeSlow(length)
  for (let have = 0; have < length; ) {
    const { bytesRead } = await handle.read(bytes, have, length - have, start + have)
    if (bytesRead === 0) throw changedError(file)
    have += bytesRead
  }
  return bytes
}

const readBytes = 64 * 1024

/** The bytes of a file as they are taken; the file is closed at the end or when the reader leaves. */
export async function* readChunks(file: string): AsyncGenerator<Buffer> {
  const handle = await openFile(file)
  try {
    for (;;) {
      // A buffer of its own for each read: a line may keep a piece of it.
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(readBytes))
      if (bytesRead === 0) return
      yield buffer.subarray(0, bytesRead)
    }
  } finally {
    await handle.close()
  }
}

/** The beginning of a file from its first character that is no blank; empty where there is none in its first 64 KiB. */
export const readHead = async (file: string): Promise<string> => {
  for await (const chunk of readChunks(file)) {
    // Decoding drops a byte-order mark.
    return new TextDecoder().decode(chunk).trimStart()
  }
  return ''
}

/** The mistake of a file that is no longer what it was when its lines were found. */
export const changedError = (file: string): ArgumentsError =>
  new ArgumentsError(`${file} has changed since it was checked; leave it alone while it is read`)
