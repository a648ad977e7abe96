import { ArgumentsError, reasonOf } from '../../errors.ts'
import { type JsonValue, parseJson } from '../../model/json.ts'
import { ArrayScan } from './array-scan.ts'
import type { FileItem } from './file-items.ts'
import { mostLineBytes, readChunks } from './open-file.ts'

/** The elements of the JSON array in a UTF-8 file of any size, each parsed when it is taken. */
export const readElements = (file: string): AsyncGenerator<FileItem> => splitElements(readChunks(file), file)

/**
 * The elements of an array that comes in pieces and begins with its bracket. Throws `ArgumentsError` with number and
 * line for an element that is no JSON, or longer than 64 MiB.
 */
export async function* splitElements(
  chunks: AsyncIterable<Buffer> | Iterable<Buffer>,
  file: string,
): AsyncGenerator<FileItem> {
  const scan = new ArrayScan()
  let number = 1
  let begun: Buffer[] = []
  let begunBytes = 0
  const placeNow = (): string => `${file}:${scan.elementLine}: element ${number}`
  for await (const chunk of chunks) {
    let from = 0
    for (let end = scan.findEnd(chunk, from); end !== -1; end = scan.findEnd(chunk, from)) {
      const place = placeNow()
      const text = decodeElement([...begun, chunk.subarray(from, end)], number, place)
      const isEmptyArray = number === 1 && scan.isClosed && text.trim() === ''
      if (!isEmptyArray) yield { number, place, value: parseElement(text, place) }
      begun = []
      begunBytes = 0
      number++
      from = end + 1
    }
    if (scan.extraLine !== undefined) throw new ArgumentsError(`${file}:${scan.extraLine}: ${moreFollows}`)
    if (scan.isClosed) continue
    begun.push(chunk.subarray(from))
    begunBytes += chunk.length - from
    if (begunBytes > mostLineBytes) {
      throw new ArgumentsError(`${placeNow()} is longer than 64 MiB; is a quote or a bracket missing?`)
    }
  }
  if (!scan.isClosed) throw new ArgumentsError(`${placeNow()}: the file ends before the array does; is it whole?`)
}

const moreFollows = 'more follows where the JSON array has ended; if each line is JSON of its own, name the file .jsonl'

const decoder = new TextDecoder('utf-8', { fatal: true })

const decodeElement = (pieces: readonly Buffer[], number: number, place: string): string => {
  const bytes = pieces.length === 1 ? pieces[0] : Buffer.concat(pieces)
  try {
    const text = decoder.decode(bytes)
    // The first one has the array's own bracket in front.
    return number === 1 ? text.slice(text.indexOf('[') + 1) : text
  } catch (error) {
    throw new ArgumentsError(`${place} is not UTF-8; convert the file to UTF-8`, { cause: error })
  }
}

const parseElement = (text: string, place: string): JsonValue => {
  if (text.trim() === '') throw new ArgumentsError(`${place}: nothing stands there; remove a comma`)
  try {
    return parseJson(text)
  } catch (error) {
    throw new ArgumentsError(`${place}: not valid JSON (${reasonOf(error)}); correct or remove it`, { cause: error })
  }
}
