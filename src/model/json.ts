/** Any value that JSON can hold. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject

/** A JSON object; request bodies and parsed events have this type. */
export interface JsonObject {
  readonly [key: string]: JsonValue | undefined
}

/** Whether a parsed value is a JSON object, not an array and not null. */
export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
