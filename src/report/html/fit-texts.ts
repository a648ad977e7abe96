import { cutText } from './cut-text.ts'
import { pageJson } from './page-json.ts'
import { mostTextBytes, type RequestRow } from './request-rows.ts'

/** What all requests, answers and errors of a page may take. */
const mostBytes = 1_000_000

const textFields = ['request', 'answer', 'error'] as const

/** Rows whose texts are cut further, where they would make the page too large, and the bytes that each may have. */
export interface FittedTexts {
  readonly rows: readonly (readonly RequestRow[])[]
  readonly textBytes: number
}

/** Cuts all texts alike, as far as the page as a whole asks for. */
export const fitTexts = (rows: readonly (readonly RequestRow[])[]): FittedTexts => {
  const lengths = rows.flat().flatMap(row => textFields.map(field => lengthOf(row[field])))
  let textBytes = mostTextBytes
  while (textBytes > 32 && sumOf(lengths, textBytes) > mostBytes) textBytes = Math.floor(textBytes * 0.8)
  if (textBytes === mostTextBytes) return { rows, textBytes }
  return { rows: rows.map(list => list.map(row => cutRow(row, textBytes))), textBytes }
}

interface Length {
  readonly bytes: number
  /** How much longer it is on the page, where some characters are escaped. */
  readonly growth: number
}

const lengthOf = (text: string | undefined): Length => {
  if (text === undefined || text === '') return { bytes: 0, growth: 1 }
  const bytes = Buffer.byteLength(text)
  return { bytes, growth: Buffer.byteLength(pageJson(text)) / bytes }
}

const sumOf = (lengths: readonly Length[], textBytes: number): number =>
  lengths.reduce((sum, { bytes, growth }) => sum + Math.min(bytes, textBytes) * growth, 0)

const cutRow = (row: RequestRow, textBytes: number): RequestRow => ({
  ...row,
  request: row.request && cutText(row.request, textBytes),
  answer: row.answer && cutText(row.answer, textBytes),
  error: row.error && cutText(row.error, textBytes),
})
