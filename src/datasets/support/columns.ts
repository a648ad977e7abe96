import { ArgumentsError } from '../../errors.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'

/** A column of a table, or a field of the objects in a file. */
export interface Column {
  readonly name: string
  readonly kind: 'text' | 'nested' | 'other'
  /** Characters of its longest text among the first rows, where these are known. */
  readonly mostChars?: number | undefined
}

/** Says which of its columns a file's prompts are in; throws `ArgumentsError` where none can be chosen. */
export type ChooseColumn = (columns: readonly Column[]) => string

/** The fields of an object. */
export const columnsOf = (row: JsonObject): readonly Column[] =>
  Object.entries(row).map(([name, value]) => ({ name, kind: kindOf(value), mostChars: charsOf(value) }))

const charsOf = (value: JsonValue | undefined): number => (typeof value === 'string' ? value.length : 0)

const kindOf = (value: JsonValue | undefined): Column['kind'] => {
  if (typeof value === 'string') return 'text'
  return typeof value === 'object' && value !== null ? 'nested' : 'other'
}

/** How the column of a file is chosen. */
export interface ColumnChoice {
  readonly file: string
  readonly noun: 'column' | 'field'
  /** The one that the user named. */
  readonly field: string | undefined
  /** Hears of the one that was found where the user named none. */
  readonly onFound: (name: string) => void
}

/** Chooses the column that the user named, else the only one with texts, unless another has lists or objects. */
export const createChooseColumn = ({ file, noun, field, onFound }: ColumnChoice): ChooseColumn => {
  const refuse = (problem: string): ArgumentsError => new ArgumentsError(`${file} has ${problem}`)
  const named = (columns: readonly Column[], name: string): string => {
    const count = columns.filter(column => column.name === name).length
    if (count === 1) return name
    const shown = JSON.stringify(name)
    if (count > 1) throw refuse(`${count} ${noun}s ${shown}; give all but one another name`)
    throw refuse(`no ${noun} ${shown}; "field" in --dataset-args may be one of ${namesText(columns)}`)
  }
  const found = (columns: readonly Column[]): string => {
    const texts = columns.filter(({ kind }) => kind === 'text')
    const [only] = texts
    if (only === undefined || texts.length > 1 || columns.some(({ kind }) => kind === 'nested')) {
      const example = JSON.stringify({ field: likelyColumn(columns) ?? 'question' })
      throw refuse(
        `the ${noun}s ${namesText(columns)}; ` +
          (isMessage(columns)
            ? 'chat messages go into JSON Lines (.jsonl), an array of them a line'
            : `say which one holds the prompts, as in --dataset-args '${example}'`),
      )
    }
    onFound(only.name)
    return only.name
  }
  return columns => (field === undefined ? found(columns) : named(columns, field))
}

const isMessage = (columns: readonly Column[]): boolean =>
  ['role', 'content'].every(wanted => columns.some(({ name }) => name === wanted))

/** The name of the column that prompts are most likely in, to be proposed; undefined where there is none. */
export const likelyColumn = (columns: readonly Column[]): string | undefined => {
  const texts = columns.filter(({ kind }) => kind === 'text')
  return (columns.find(isLikely) ?? longest(texts) ?? columns[0])?.name
}

const isLikely = ({ name }: Column): boolean =>
  /^(prompt|question|instruction|query|text|input|content|messages)s?$/i.test(name)

/** The first of those whose texts are the longest: numbers and names are shorter than prompts. */
const longest = (columns: readonly Column[]): Column | undefined => {
  const most = Math.max(...columns.map(({ mostChars = 0 }) => mostChars))
  return columns.find(({ mostChars = 0 }) => mostChars === most)
}

const mostNamed = 20

/** In quotes, which keep line ends out of messages. */
const namesText = (columns: readonly Column[]): string => {
  const names = columns.slice(0, mostNamed).map(({ name }) => JSON.stringify(name))
  const more = columns.length - names.length
  return `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}
