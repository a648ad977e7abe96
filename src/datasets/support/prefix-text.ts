import { open } from 'node:fs/promises'
import { ArgumentsError, reasonOf } from '../../errors.ts'

/**
 * The beginning of a prefix file, enough for `tokens` tokens: real text has 4 bytes in one, and where it has more than
 * 32 the prefix repeats itself sooner. Blanks in front are left out, those at the end part its repetitions.
 */
export const readPrefixFile = async (file: string, tokens: number): Promise<string> => {
  const bytes = await readHead(file, tokens * 32 + 4096)
  const text = decode(bytes, file).trimStart()
  if (text === '') throw new ArgumentsError(`prefix_file ${file} is empty; give a text file with a long text in it`)
  return text
}

const readHead = async (file: string, maxBytes: number): Promise<Buffer> => {
  try {
    const handle = await open(file)
    try {
      const pieces: Buffer[] = []
      let left = maxBytes
      while (left > 0) {
        const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(Math.min(left, 2 ** 20)))
        if (bytesRead === 0) break
        pieces.push(buffer.subarray(0, bytesRead))
        left -= bytesRead
      }
      return Buffer.concat(pieces)
    } finally {
      await handle.close()
    }
  } catch (error) {
    throw new ArgumentsError(`prefix_file ${file} cannot be read (${reasonOf(error)}); give a readable text file`, {
      cause: error,
    })
  }
}

const decode = (bytes: Buffer, file: string): string => {
  try {
    // As of a stream: the last character may be cut.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true })
  } catch (error) {
    throw new ArgumentsError(`prefix_file ${file} is not UTF-8; convert it to UTF-8`, { cause: error })
  }
}
