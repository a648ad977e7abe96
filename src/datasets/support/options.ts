import { ArgumentsError } from '../../errors.ts'
import type { JsonObject, JsonValue } from '../../model/json.ts'

/** No prompt is longer: a list of its ids, or its text, would not fit into memory beside others. */
export const mostPromptTokens = 10_000_000

/** What one key of `--dataset-args` may hold. */
export interface DatasetOption {
  /** `range` is a whole number, or a list of a lowest and a highest; `texts` an object of texts. */
  readonly kind: 'int' | 'number' | 'text' | 'flag' | 'range' | 'texts'
  readonly help: string
  /** Of numbers: the least that is allowed, or what must be exceeded, and the most. */
  readonly min?: number
  readonly above?: number
  readonly max?: number
  /** Of texts: all that are allowed. */
  readonly choices?: readonly string[]
}

/** The keys of a dataset, with what they may hold. */
export type DatasetOptions = Readonly<Record<string, DatasetOption>>

/** Throws `ArgumentsError` for the first key of `args` that the dataset `spec` does not know, or holds something else. */
export const checkOptions = (args: JsonObject, options: DatasetOptions | undefined, spec: string): void => {
  const known = Object.keys(options ?? {})
  for (const [key, value] of Object.entries(args)) {
    // A program may leave out a value where the command line leaves out the key.
    if (value === undefined) continue
    const option = options?.[key]
    if (option === undefined || !Object.hasOwn(options ?? {}, key)) {
      const those = known.length === 0 ? 'it takes none' : `it takes ${known.join(', ')}`
      throw new ArgumentsError(`--dataset-args: dataset ${spec} does not know ${JSON.stringify(key)}; ${those}`)
    }
    if (!fits(value, option)) {
      const problem = `must be ${wanted(option)}, got ${shown(value)}`
      throw new ArgumentsError(`--dataset-args: "${key}" of dataset ${spec} ${problem}`)
    }
  }
}

/** On one line, and in part where it is long. JSON has no infinity but its parser gives one. */
const shown = (value: JsonValue): string => {
  const text = typeof value === 'number' ? String(value) : JSON.stringify(value)
  return text.length > 80 ? `${text.slice(0, 80)} …` : text
}

const fits = (value: JsonValue | undefined, option: DatasetOption): boolean => {
  switch (option.kind) {
    case 'int':
      return Number.isSafeInteger(value) && isInBounds(value as number, option)
    case 'number':
      return typeof value === 'number' && Number.isFinite(value) && isInBounds(value, option)
    case 'text':
      return typeof value === 'string' && (option.choices?.includes(value) ?? value !== '')
    case 'flag':
      return typeof value === 'boolean'
    case 'range':
      return isRange(Array.isArray(value) ? value : [value, value], option)
    case 'texts':
      return isTexts(value)
  }
}

const isInBounds = (value: number, { min, above, max }: DatasetOption): boolean =>
  value >= (min ?? Number.NEGATIVE_INFINITY) &&
  value > (above ?? Number.NEGATIVE_INFINITY) &&
  value <= (max ?? Number.POSITIVE_INFINITY)

const isRange = (values: readonly (JsonValue | undefined)[], option: DatasetOption): boolean => {
  const [low, high, ...more] = values
  if (more.length > 0 || !Number.isSafeInteger(low) || !Number.isSafeInteger(high)) return false
  return isInBounds(low as number, option) && isInBounds(high as number, option) && (low as number) <= (high as number)
}

const isTexts = (value: JsonValue | undefined): boolean =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  Object.values(value).every(text => typeof text === 'string')

const wanted = ({ kind, min, above, max, choices }: DatasetOption): string => {
  const least = min !== undefined ? ` from ${min} on` : above !== undefined ? ` above ${above}` : ''
  const bound = max === undefined ? least : `${least}, up to ${max}`
  switch (kind) {
    case 'int':
      return `a whole number${bound}`
    case 'number':
      return `a number${bound}`
    case 'text':
      return choices === undefined ? 'a text that is not empty' : `one of ${choices.join(', ')}`
    case 'flag':
      return 'true or false'
    case 'range':
      return `a whole number${bound}, or two such as [100, 200]`
    case 'texts':
      return 'an object of texts'
  }
}

/** The range that a `range` option holds, or the one that stands for it. */
export const rangeOf = (
  value: JsonValue | undefined,
  otherwise: number,
): { readonly min: number; readonly max: number } => {
  const [min, max] = Array.isArray(value) ? value : [value ?? otherwise, value ?? otherwise]
  return { min: min as number, max: max as number }
}
