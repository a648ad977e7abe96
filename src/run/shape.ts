import { isJsonObject, type JsonValue } from '../model/json.ts'

/** What a JSON value has to be: something that a check accepts, or an object with such values under these names. */
export type Shape = Check | { readonly [name: string]: Shape }

type Check = (value: JsonValue | undefined) => boolean

/** Longer ones are nobody's name or path, and would fill the screen. */
const mostCharacters = 4096

export const isText: Check = value => typeof value === 'string' && value.length <= mostCharacters
export const isFlag: Check = value => typeof value === 'boolean'
export const isNumber: Check = value => Number.isFinite(value)
export const isAmount: Check = value => isNumber(value) && (value as number) >= 0
export const isCount: Check = value => Number.isSafeInteger(value) && (value as number) >= 0
export const isObject: Check = isJsonObject

/** One of these words. */
export const isOneOf =
  (...words: readonly string[]): Check =>
  value =>
    words.includes(value as string)

/** That shape, or nothing. */
export const orNothing =
  (shape: Shape): Check =>
  value =>
    value === undefined || misfit(value, shape) === undefined

/** A list of such values. */
export const listOf =
  (shape: Shape): Check =>
  value =>
    Array.isArray(value) && value.every(item => misfit(item, shape) === undefined)

/** Any of these shapes. */
export const anyOf =
  (...shapes: readonly Shape[]): Check =>
  value =>
    shapes.some(shape => misfit(value, shape) === undefined)

/** The first name, `load.pacing`, at which a value is not of a shape; undefined where it is. */
export const misfit = (value: JsonValue | undefined, shape: Shape, name = ''): string | undefined => {
  if (typeof shape === 'function') return shape(value) ? undefined : name
  if (!isJsonObject(value)) return name
  for (const [key, inner] of Object.entries(shape)) {
    const found = misfit(value[key], inner, name === '' ? key : `${name}.${key}`)
    if (found !== undefined) return found
  }
  return undefined
}
