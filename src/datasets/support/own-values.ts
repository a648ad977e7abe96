import { ArgumentsError } from '../../errors.ts'
import { isJsonObject } from '../../model/json.ts'
import type { DatasetContext } from '../dataset.ts'
import { type ChooseColumn, columnsOf, createChooseColumn } from './columns.ts'
import { readCsvColumn } from './csv.ts'
import { elementItems, type FileItem, type FileItems, jsonLineItems, textItems } from './file-items.ts'
import { lineError, readLines } from './lines.ts'
import { readHead } from './open-file.ts'
import type { DatasetOptions } from './options.ts'
import { readParquetColumn } from './parquet-column.ts'
import { createSkippedLines } from './skipped-lines.ts'

/** The keys of `--dataset-args` that say where in a file the prompts are. */
export const ownValueOptions = {
  field: { kind: 'text', help: 'column of a CSV or Parquet file, or field of JSON objects, that holds the prompts' },
  delimiter: { kind: 'text', help: 'what stands between the columns of a CSV file' },
} as const satisfies DatasetOptions

/**
 * The values from which prompts are made, in a file of the user's own: one column of a `.csv`, `.tsv` or `.parquet`, the
 * elements of the array in a `.json`, else lines, which `field` takes for JSON objects. Empty ones are skipped, and
 * told; where all are, that is an error.
 */
export async function* readOwnValues(context: DatasetContext, file: string): AsyncGenerator<FileItem> {
  const items = await openValues(context, file)
  const skipped = createSkippedLines(file, context.say, items.unit)
  let firstPlace: string | undefined
  let usedCount = 0
  for await (const item of items.read()) {
    if (isEmpty(item.value)) {
      firstPlace ??= item.place
      skipped.skip(item.number, 'no prompt in it', item.place)
      continue
    }
    usedCount++
    yield item
  }
  skipped.end()
  if (usedCount > 0 || firstPlace === undefined) return
  throw new ArgumentsError(`${firstPlace}: no prompt in it, nor in any other ${items.unit}; give another file or field`)
}

const isEmpty = (value: FileItem['value']): boolean =>
  value === null || (typeof value === 'string' && value.trim() === '')

const openValues = async ({ settings, say }: DatasetContext, file: string): Promise<FileItems> => {
  const { spec, args } = settings
  const field = args.field as string | undefined
  const onFound = (name: string): void => say(`${spec}: prompts are in ${JSON.stringify(name)} of ${file}`)
  const chooseOf = (noun: 'column' | 'field'): ChooseColumn => createChooseColumn({ file, noun, field, onFound })
  const isCsv = /\.[ct]sv$/i.test(file)
  const delimiter = readDelimiter(args.delimiter as string | undefined, isCsv) ?? usualDelimiter(file)
  const form = { delimiter, isNamed: field !== undefined }
  if (isCsv) return { file, unit: 'row', read: () => readCsvColumn(file, chooseOf('column'), form) }
  if (/\.parquet$/i.test(file)) return { file, unit: 'row', read: () => readParquetColumn(file, chooseOf('column')) }
  const head = /\.json$/i.test(file) ? (await readHead(file)).slice(0, 1) : ''
  const isArray = head === '['
  if (head === '{') await refuseOneObject(file)
  if (!isArray && field === undefined) return textItems(file)
  const items = isArray ? elementItems(file) : jsonLineItems(file)
  return { ...items, read: () => readField(items, field, chooseOf('field')) }
}

/** Its lines are no values: sent as texts, they would be prompts such as `{`. */
const refuseOneObject = async (file: string): Promise<void> => {
  for await (const { number, text } of readLines(file)) {
    if (text.trim() === '') continue
    if (isJson(text)) return
    throw lineError(file, number, 'no whole JSON object; a .json file holds an array, or one object in each line')
  }
}

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

const usualDelimiter = (file: string): string | undefined => (/\.tsv$/i.test(file) ? '\t' : undefined)

const readDelimiter = (delimiter: string | undefined, isCsv: boolean): string | undefined => {
  if (delimiter === undefined) return undefined
  if (!isCsv) throw new ArgumentsError('--dataset-args: "delimiter" is of .csv and .tsv files; leave it out')
  if (delimiter.length === 1 && !'"\r\n'.includes(delimiter)) return delimiter
  throw new ArgumentsError(`--dataset-args: "delimiter" must be one character, got ${JSON.stringify(delimiter)}`)
}

/** The values in one field of the objects in a file; where no field is named, what is no object stands for itself. */
async function* readField(items: FileItems, field: string | undefined, choose: ChooseColumn): AsyncGenerator<FileItem> {
  let chosen: string | undefined
  for await (const item of items.read()) {
    if (isJsonObject(item.value)) {
      chosen ??= choose(columnsOf(item.value))
      yield { ...item, value: (Object.hasOwn(item.value, chosen) ? item.value[chosen] : undefined) ?? null }
    } else if (field === undefined) yield item
    else
      throw new ArgumentsError(
        `${item.place}: no object, and so without ${JSON.stringify(field)}; correct or remove it`,
      )
  }
}
