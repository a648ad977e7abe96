/** Any value that JSON can hold. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject

/** A JSON object; request bodies and parsed events have this type. */
export interface JsonObject {
  readonly [key: string]: JsonValue | undefined
}

/** Whether a parsed value is a JSON object, not an array and not null. */
export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Deeper than any body or answer, and far less than what takes a stack to its end. */
const mostLevels = 1000

/** Whether a value nests so deeply that writing it, or handing it to another thread, may take more stack than there is. */
export const isTooDeep = (value: JsonValue, levels = mostLevels): boolean => {
  if (typeof value !== 'object' || value === null) return false
  if (levels === 0) return true
  return Object.values(value).some(part => part !== undefined && isTooDeep(part, levels - 1))
}

/** Like `JSON.parse`, but throws as well where a value is too deep to be written again. */
export const parseJson = (text: string): JsonValue => {
  const value: JsonValue = JSON.parse(text)
  // Each level takes two characters.
  if (text.length > 2 * mostLevels && isTooDeep(value))
    throw new SyntaxError(`it nests more than ${mostLevels} levels deep`)
  return value
}
