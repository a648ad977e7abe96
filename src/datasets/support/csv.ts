import type { parse } from 'csv-parse/sync'
import { ArgumentsError } from '../../errors.ts'
import type { ChooseColumn } from './columns.ts'
import type { FileItem } from './file-items.ts'
import { type Line, lineError, readLines } from './lines.ts'
import { mostLineBytes } from './open-file.ts'

/** What is known of a CSV file. */
export interface CsvForm {
  readonly delimiter: string | undefined
  /** The user named the column. */
  readonly isNamed: boolean
}

/**
 * The texts in one column of a CSV file, whose first row names its columns. Texts in quotes may have line ends. Without
 * a delimiter it is what stands most often between the names: `,` `;` `|` or a tab.
 */
export async function* readCsvColumn(
  file: string,
  choose: ChooseColumn,
  { delimiter: givenDelimiter, isNamed }: CsvForm,
): AsyncGenerator<FileItem> {
  const csv = await import('csv-parse/sync')
  let delimiter = givenDelimiter
  let width = 0
  let column: number | undefined
  for await (const row of readRows(file)) {
    if (column === undefined && withoutQuoted(row.text).includes('\r')) {
      throw lineError(file, row.number, 'the lines end in CR alone; save the file with LF or CRLF')
    }
    delimiter ??= likelyDelimiter(row.text)
    const fields = parseRow(csv.parse, row, delimiter, file)
    if (column === undefined) {
      const names = fields.map(name => name.trim())
      width = names.length
      const mostChars = isNamed || width === 1 ? [] : await measureTexts(file, width, delimiter)
      column = names.indexOf(choose(names.map((name, index) => ({ name, kind: 'text', mostChars: mostChars[index] }))))
      continue
    }
    if (fields.length !== width) throw lineError(file, row.number, widthProblem(fields.length, width, delimiter))
    yield { number: row.number, place: `${file}:${row.number}`, value: fields[column] ?? '' }
  }
}

const measuredRows = 20

/** The characters of the longest text of each column in the first rows that are whole: which may hold prompts. */
const measureTexts = async (file: string, width: number, delimiter: string): Promise<readonly number[]> => {
  const { parse } = await import('csv-parse/sync')
  const mostChars = Array.from({ length: width }, () => 0)
  let rows = 0
  try {
    for await (const row of readRows(file)) {
      if (rows > measuredRows) break
      const fields = rows++ === 0 ? [] : parseRow(parse, row, delimiter, file)
      for (const [at, text] of fields.entries()) mostChars[at] = Math.max(mostChars[at] ?? 0, text.trim().length)
    }
  } catch (error) {
    // That the column is not named is the first thing to tell.
    if (!(error instanceof ArgumentsError)) throw error
  }
  return mostChars
}

/** The rows of a file, each with the number of its first line: a line end within quotes does not end it. */
async function* readRows(file: string): AsyncGenerator<Line> {
  let first = 1
  let lines: string[] = []
  let chars = 0
  let isQuoted = false
  for await (const { number, text } of readLines(file)) {
    if (lines.length === 0 && text.trim() === '') continue
    if (lines.length === 0) first = number
    lines.push(text)
    chars += text.length
    // A quote within a text is written twice, which changes nothing here.
    if (countQuotes(text) % 2 === 1) isQuoted = !isQuoted
    if (isQuoted && chars > mostLineBytes) break
    if (isQuoted) continue
    yield { number: first, text: lines.join('\n') }
    lines = []
    chars = 0
  }
  if (isQuoted) throw lineError(file, first, 'a quote is opened in this row and not closed; close or remove it')
}

const countQuotes = (text: string): number => {
  let count = 0
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at + 1)) count++
  return count
}

const withoutQuoted = (text: string): string => text.replace(/"[^"]*"/g, '')

const likelyDelimiter = (names: string): string => {
  const bare = withoutQuoted(names)
  const counts = [',', ';', '\t', '|'].map(delimiter => ({ delimiter, count: bare.split(delimiter).length }))
  return counts.reduce((most, next) => (next.count > most.count ? next : most)).delimiter
}

/** The fields of a row. Given each by itself, the parser takes rows as fast as all at once, 30 MB/s, and when wanted. */
const parseRow = (parser: typeof parse, { number, text }: Line, delimiter: string, file: string): readonly string[] => {
  // Without quotes there is nothing to parse.
  if (!text.includes('"')) return text.split(delimiter)
  try {
    return parser(text, { delimiter, recordDelimiter: '\n' })[0] ?? []
  } catch (error) {
    const problem = 'a quote within a text; put the text in quotes, and write those in it twice'
    throw lineError(file, number, problem, error)
  }
}

const widthProblem = (width: number, wanted: number, delimiter: string): string =>
  `${width === 1 ? '1 column' : `${width} columns`} where the first row has ${wanted}; put texts that hold ` +
  `${JSON.stringify(delimiter)} in quotes, or give another "delimiter" in --dataset-args`
