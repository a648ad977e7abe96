import { ArgumentsError } from '../../errors.ts'
import { mostLineBytes, readChunks } from './open-file.ts'

/** One line of a file without its line end. */
export interface Line {
  /** From 1. */
  readonly number: number
  readonly text: string
}

const newline = 0x0a

/** The mistake of one line of an input file. */
export const lineError = (file: string, number: number, problem: string, cause?: unknown): ArgumentsError =>
  new ArgumentsError(`${file}:${number}: ${problem}`, { cause })

/** The lines of a UTF-8 file, read as they are taken; the file is closed at the end or when the reader leaves. */
export const readLines = (file: string): AsyncGenerator<Line> => splitLines(readChunks(file), file)

/**
 * Splits bytes at 0x0A alone: U+2028 and its like are text. Tolerates CRLF, skips a byte-order mark, and throws on what
 * is not UTF-8 and on a line over 64 MiB, which is a file of another format.
 */
export async function* splitLines(
  chunks: AsyncIterable<Buffer> | Iterable<Buffer>,
  file: string,
): AsyncGenerator<Line> {
  let number = 1
  let begun: Buffer[] = []
  let begunBytes = 0
  for await (const chunk of chunks) {
    let start = 0
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      yield { number, text: decodeLine([...begun, chunk.subarray(start, end)], file, number) }
      begun = []
      begunBytes = 0
      number++
      start = end + 1
    }
    begun.push(chunk.subarray(start))
    begunBytes += chunk.length - start
    if (begunBytes > mostLineBytes) throw lineError(file, number, 'the line is longer than 64 MiB; is this JSON Lines?')
  }
  if (begunBytes > 0) yield { number, text: decodeLine(begun, file, number) }
}

const decodeLine = (pieces: readonly Buffer[], file: string, number: number): string => {
  const bytes = pieces.length === 1 ? pieces[0] : Buffer.concat(pieces)
  try {
    // Without `ignoreBOM` the decoder drops a mark at the start, which is one only in the first line.
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: number > 1 }).decode(bytes)
    return text.endsWith('\r') ? text.slice(0, -1) : text
  } catch (error) {
    throw lineError(file, number, 'the line is not UTF-8; convert the file to UTF-8', error)
  }
}
