import { ArgumentsError } from '../../errors.ts'
import { mostLineBytes, openFile } from './open-file.ts'

/** Whole lines as they stand in a file, line ends included; the last one of a file may lack its own. */
export interface LineBlock {
  /** Valid until the next block is taken. */
  readonly bytes: Buffer
  /** Of its first byte in the file. */
  readonly offset: number
}

const blockBytes = 1024 * 1024

/**
 * A file in blocks of whole lines, about 1 MiB each, without its byte-order mark; throws `ArgumentsError` for a line
 * over 64 MiB, which is no line. The file is closed at the end or when the reader leaves.
 */
export async function* readLineBlocks(file: string): AsyncGenerator<LineBlock> {
  const handle = await openFile(file)
  try {
    let buffer: Buffer = Buffer.allocUnsafeSlow(blockBytes)
    let kept = 0
    let offset = 0
    for (;;) {
      const { bytesRead } = await handle.read(buffer, kept, buffer.length - kept)
      const filled = kept + bytesRead
      const start = offset === 0 ? markBytes(buffer.subarray(0, filled)) : 0
      const end = bytesRead === 0 ? filled : buffer.subarray(0, filled).lastIndexOf(0x0a) + 1
      if (end > start) yield { bytes: buffer.subarray(start, end), offset: offset + start }
      if (bytesRead === 0) return
      buffer.copyWithin(0, end, filled)
      kept = filled - end
      offset += end
      if (kept === buffer.length) buffer = widened(buffer, file, offset)
    }
  } finally {
    await handle.close()
  }
}

const markBytes = (bytes: Buffer): number => (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0)

const widened = (buffer: Buffer, file: string, offset: number): Buffer => {
  if (buffer.length >= mostLineBytes) {
    throw new ArgumentsError(`${file} has a line of over 64 MiB at byte ${offset}; is this JSON Lines?`)
  }
  const wide = Buffer.allocUnsafeSlow(2 * buffer.length)
  buffer.copy(wide)
  return wide
}
