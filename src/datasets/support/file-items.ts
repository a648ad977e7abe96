import { readFile, stat } from 'node:fs/promises'
import { ArgumentsError, reasonOf } from '../../errors.ts'
import type { JsonValue } from '../../model/json.ts'
import { parseLine } from './json-lines.ts'
import { readLines } from './lines.ts'
import { openFile } from './open-file.ts'

/** One line of a file, or one element of the JSON array that it holds. */
export interface FileItem {
  /** Of the line or element, from 1. */
  readonly number: number
  readonly value: JsonValue
}

/** What a file holds: items that are read anew in each pass, or an array that was read as a whole. */
export interface FileItems {
  readonly file: string
  readonly unit: 'line' | 'element'
  read(): AsyncIterable<FileItem> | Iterable<FileItem>
}

/** A larger array would come close to the longest string that V8 can hold. */
const mostArrayMiB = 256

/** Looked at for the first character that is no blank. */
const headBytes = 64 * 1024

/**
 * The items of a file: of a JSON array, read as a whole up to 256 MiB, or of JSON Lines, one line after the other, blank
 * ones skipped. Which of them it is, its first character tells. With `textLines`, a file that ends in `.txt` holds a
 * text in each line. Throws `ArgumentsError` for any other.
 */
export const openItems = async (file: string, textLines: boolean): Promise<FileItems> => {
  if (textLines && /\.txt$/i.test(file)) return { file, unit: 'line', read: () => readTexts(file) }
  const head = await readHead(file)
  if (head.startsWith('[')) {
    const items = (await readArray(file)).map((value, index) => ({ number: index + 1, value }))
    return { file, unit: 'element', read: () => items }
  }
  if (/^["{]?$/.test(head.slice(0, 1))) return { file, unit: 'line', read: () => readJsonValues(file) }
  const others = textLines ? ', a JSON array, or a .txt file with a text in each line' : ' or a JSON array'
  throw new ArgumentsError(`${file} begins with ${JSON.stringify(head.slice(0, 20))}; give JSON Lines${others}`)
}

/** Where an item stands, for messages. */
export const placeOf = ({ file, unit }: FileItems, { number }: FileItem): string =>
  unit === 'line' ? `${file}:${number}` : `${file}: element ${number}`

const readHead = async (file: string): Promise<string> => {
  const handle = await openFile(file)
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(headBytes), 0, headBytes)
    // Decoding drops a byte-order mark.
    return new TextDecoder().decode(buffer.subarray(0, bytesRead)).trimStart()
  } finally {
    await handle.close()
  }
}

const readArray = async (file: string): Promise<readonly JsonValue[]> => {
  if ((await stat(file)).size > mostArrayMiB * 1024 * 1024) {
    throw new ArgumentsError(
      `${file} is a JSON array of more than ${mostArrayMiB} MiB, which is read as a whole; save its elements as JSON ` +
        'Lines, one in each line, which are not',
    )
  }
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(await readFile(file))) as readonly JsonValue[]
  } catch (error) {
    throw new ArgumentsError(`${file} cannot be read as a JSON array (${reasonOf(error)}); correct it`, {
      cause: error,
    })
  }
}

async function* readTexts(file: string): AsyncGenerator<FileItem> {
  for await (const { number, text } of readLines(file)) yield { number, value: text.trim() }
}

async function* readJsonValues(file: string): AsyncGenerator<FileItem> {
  for await (const line of readLines(file)) {
    if (line.text.trim() !== '') yield { number: line.number, value: parseLine(line, file) }
  }
}
