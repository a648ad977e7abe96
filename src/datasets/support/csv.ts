import type { parse } from 'csv-parse/sync'
import type { ChooseColumn } from './columns.ts'
import type { FileItem } from './file-items.ts'
import { type Line, lineError, readLines } from './lines.ts'
import { mostLineBytes } from './open-file.ts'

/**
 * The texts in one column of a CSV file, whose first row names its columns. Texts in quotes may have line ends. Without
 * a delimiter it is what stands most often between the names: `,` `;` `|` or a tab.
 */
export async function* readCsvColumn(
  file: string,
  choose: ChooseColumn,
  givenDelimiter: string | undefined,
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
      column = names.indexOf(choose(names.map(name => ({ name, kind: 'text' }))))
      width = names.length
      continue
    }
    if (fields.length !== width) throw lineError(file, row.number, widthProblem(fields.length, width, delimiter))
    yield { number: row.number, place: `${file}:${row.number}`, value: fields[column] ?? '' }
  }
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
