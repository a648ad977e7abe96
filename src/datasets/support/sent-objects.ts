import { isJsonObject, type JsonObject, type JsonValue, parseJson } from '../../model/json.ts'
import type { DatasetContext } from '../dataset.ts'
import { columnsOf, likelyColumn } from './columns.ts'
import type { FileItem } from './file-items.ts'

/** What becomes of a line that holds a JSON object while no `field` is named. */
export type SentAs = 'text' | 'body'

/** Says of a file's first line that it is an object and sent whole, where one of its values may have been meant. */
export const createObjectHint = ({ settings, say }: DatasetContext, file: string, sentAs: SentAs) => {
  let isFirst = settings.args.field === undefined
  return ({ number, place, value }: FileItem): void => {
    if (!isFirst) return
    isFirst = false
    const isTable = /\.([ct]sv|parquet)$/i.test(file)
    const row = isTable || place !== `${file}:${number}` ? undefined : objectIn(value)
    const field = row === undefined ? undefined : likelyColumn(columnsOf(row))
    if (row === undefined || field === undefined || (sentAs === 'body' && looksLikeBody(row))) return
    const object =
      sentAs === 'text' ? 'a JSON object, sent as text' : 'a JSON object without messages or prompt, sent as it is'
    const args = JSON.stringify({ field }).replaceAll("'", '\\u0027')
    say(`line ${number} of ${file} is ${object}; --dataset-args '${args}' sends one of its values`)
  }
}

const bodyKeys = ['messages', 'prompt', 'input', 'inputs', 'contents', 'query', 'text']

const looksLikeBody = (row: JsonObject): boolean => bodyKeys.some(key => Object.hasOwn(row, key))

const objectIn = (value: JsonValue): JsonObject | undefined => {
  if (typeof value !== 'string' || !value.startsWith('{')) return undefined
  try {
    const parsed = parseJson(value)
    return isJsonObject(parsed) ? parsed : undefined
  } catch {
    return undefined
  }
}
