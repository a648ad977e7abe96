import { isJsonObject, type JsonObject } from '../../model/json.ts'

/** Layers of a body, later ones above earlier ones; objects under one of `groups` are merged key by key. */
export const mergeGroups = (groups: readonly string[], layers: readonly JsonObject[]): JsonObject => {
  let body: JsonObject = {}
  for (const layer of layers) body = { ...body, ...layer, ...merged(groups, body, layer) }
  return body
}

/** A group under its key, or nothing where it would be empty: one that a recorded body lacks is not to appear in it. */
export const group = (key: string, values: JsonObject): JsonObject =>
  Object.keys(values).length === 0 ? {} : { [key]: values }

/** A body without the keys that extra arguments hold null under, in it and in its `groups`: so one leaves out a key. */
export const withoutNulls = (body: JsonObject, extraArgs: JsonObject, groups: readonly string[] = []): JsonObject => {
  let left = body
  for (const [key, value] of Object.entries(extraArgs)) {
    const lower = left[key]
    if (value === null) left = without(left, key)
    else if (groups.includes(key) && isJsonObject(value) && isJsonObject(lower)) {
      left = { ...left, [key]: withoutNulls(lower, value) }
    }
  }
  return left
}

const without = (body: JsonObject, name: string): JsonObject =>
  Object.fromEntries(Object.entries(body).filter(([key]) => key !== name))

const merged = (groups: readonly string[], below: JsonObject, above: JsonObject): JsonObject =>
  Object.fromEntries(
    groups.flatMap(key => {
      const [lower, upper] = [below[key], above[key]]
      if (!isJsonObject(lower) || !isJsonObject(upper)) return []
      // One that lacks nothing stays itself, so that a recorded body goes out as it was recorded.
      const isWhole = Object.keys(lower).every(name => Object.hasOwn(upper, name))
      return isWhole ? [] : [[key, { ...lower, ...upper }] as const]
    }),
  )
