import { ArgumentsError } from '../../errors.ts'
import type { JsonValue } from '../../model/json.ts'
import { readElements } from './json-elements.ts'
import { parseLine } from './json-lines.ts'
import { readLines } from './lines.ts'
import { readHead } from './open-file.ts'

/** One line of a file, one row of a table, or one element of a JSON array. */
export interface FileItem {
  /** Of the line, row or element, from 1. */
  readonly number: number
  /** Where it stands, for messages: file and line, or what stands for that. */
  readonly place: string
  readonly value: JsonValue
}

/** What a file holds; read anew in each pass. */
export interface FileItems {
  readonly file: string
  readonly unit: 'line' | 'element' | 'row'
  read(): AsyncIterable<FileItem>
}

/**
 * The items of a file: of a JSON array, or of JSON Lines, blank ones skipped; which of them it is, its first character
 * tells. With `textLines`, a file that ends in `.txt` holds a text in each line. Throws `ArgumentsError` for any other.
 */
export const openItems = async (file: string, textLines: boolean): Promise<FileItems> => {
  if (textLines && /\.txt$/i.test(file)) return textItems(file)
  const head = await readHead(file)
  if (head.startsWith('[')) return elementItems(file)
  if (/^["{]?$/.test(head.slice(0, 1))) return jsonLineItems(file)
  const others = textLines ? ', a JSON array, or a .txt file with a text in each line' : ' or a JSON array'
  throw new ArgumentsError(`${file} begins with ${JSON.stringify(head.slice(0, 20))}; give JSON Lines${others}`)
}

/** The lines of a text file, stripped, without blank ones. */
export const textItems = (file: string): FileItems => ({ file, unit: 'line', read: () => readTexts(file) })

/** The values of JSON Lines, without blank lines; a broken one is an error that names it. */
export const jsonLineItems = (file: string): FileItems => ({ file, unit: 'line', read: () => readJsonValues(file) })

/** The elements of a JSON array. */
export const elementItems = (file: string): FileItems => ({ file, unit: 'element', read: () => readElements(file) })

async function* readTexts(file: string): AsyncGenerator<FileItem> {
  for await (const { number, text } of readLines(file)) {
    const value = text.trim()
    if (value !== '') yield { number, place: `${file}:${number}`, value }
  }
}

async function* readJsonValues(file: string): AsyncGenerator<FileItem> {
  for await (const line of readLines(file)) {
    if (line.text.trim() === '') continue
    yield { number: line.number, place: `${file}:${line.number}`, value: parseLine(line, file) }
  }
}
