import { isJsonObject, type JsonObject, type JsonValue } from '../../model/json.ts'

/**
 * The server's own words in an error object, in the shapes that inference servers use: `{error: {message}}`,
 * `{error: "…"}`, vLLM's `{object: "error", message}`, the Responses API's `{type: "error", message}` and FastAPI's
 * `{detail}`. `undefined` when it is no error.
 */
export const errorMessage = (body: JsonObject): string | undefined => {
  // Some servers send the key with every answer: null, false or an empty text says that there is none.
  if (body.error) return words(body.error)
  if (body.object === 'error' || body.type === 'error') return words(body.message ?? body)
  return undefined
}

/** Like `errorMessage`, for a body that is known to report an error because of its HTTP status. */
export const statusMessage = (body: JsonObject): string =>
  errorMessage(body) ?? words(body.detail ?? body.message ?? body)

const words = (value: JsonValue): string => {
  if (typeof value === 'string') return value
  if (isJsonObject(value) && typeof value.message === 'string' && value.message !== '') return value.message
  try {
    return JSON.stringify(value)
  } catch {
    // Deeper than the stack.
    return 'an error that is nested too deeply to be shown'
  }
}
