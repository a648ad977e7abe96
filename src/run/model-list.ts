import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'

/** The models of an answer to `GET /v1/models`, or to Ollama's `/api/tags`, by name; empty for any other answer. */
export const modelsIn = (answer: unknown): ReadonlyMap<string, JsonObject> => {
  const { data, models } = isJsonObject(answer) ? answer : {}
  const list: readonly JsonValue[] = Array.isArray(data) ? data : Array.isArray(models) ? models : []
  return new Map(
    list.filter(isJsonObject).flatMap(entry => {
      const name = entry.id ?? entry.name
      return typeof name === 'string' ? [[name, entry] as const] : []
    }),
  )
}
