import { reasonOf } from '../../errors.ts'
import { isJsonObject, type JsonObject, type JsonValue, parseJson } from '../../model/json.ts'
import { type Line, lineError, readLines } from './lines.ts'

/** One line of a JSON Lines file. */
export interface JsonLine {
  /** From 1. */
  readonly number: number
  readonly value: JsonObject
}

/** The objects of a JSON Lines file, blank lines skipped; a line that is no JSON object is an error that names it. */
export async function* readJsonLines(file: string): AsyncGenerator<JsonLine> {
  for await (const line of readLines(file)) {
    if (line.text.trim() !== '') yield { number: line.number, value: parseObject(line, file) }
  }
}

const parseObject = (line: Line, file: string): JsonObject => {
  const value = parseLine(line, file)
  if (!isJsonObject(value)) throw lineError(file, line.number, 'not a JSON object; each line must be one, in braces')
  return value
}

/** The JSON value of a line; one that is none is an error that names it. */
export const parseLine = ({ number, text }: Line, file: string): JsonValue => {
  try {
    return parseJson(text)
  } catch (error) {
    throw lineError(file, number, `not valid JSON (${reasonOf(error)}); correct or remove the line`, error)
  }
}
