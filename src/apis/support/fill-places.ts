import { isJsonObject, type JsonObject, type JsonValue } from '../../model/json.ts'

/** What a mark such as `%p` stands for: a text, several, or token ids. */
export type Place = string | readonly string[] | readonly number[]

/** A template with its marks replaced, and which of them it had. */
export interface Filled {
  readonly body: JsonObject
  readonly marks: ReadonlySet<string>
}

/**
 * Replaces marks wherever they stand in a string of `template`. A string that is nothing but a mark becomes what that
 * stands for; one with more around a list of texts becomes a list, with the same around each. Throws for token ids there.
 */
export const fillPlaces = (template: JsonObject, places: Readonly<Record<string, Place>>): Filled => {
  const anyMark = new RegExp(Object.keys(places).join('|'), 'g')
  const marks = new Set<string>()
  const fill = (value: JsonValue): JsonValue => {
    if (typeof value === 'string') return fillText(value)
    if (Array.isArray(value)) return value.map(fill)
    return isJsonObject(value) ? fillObject(value) : value
  }
  const fillObject = (object: JsonObject): JsonObject =>
    Object.fromEntries(Object.entries(object).map(([key, value]) => [key, fill(value as JsonValue)]))
  const fillText = (text: string): JsonValue => {
    const found = text.match(anyMark) ?? []
    for (const mark of found) marks.add(mark)
    const listMark = found.find(mark => Array.isArray(places[mark]))
    if (listMark === undefined) return replaced(text, places)
    const list = places[listMark] as readonly string[] | readonly number[]
    return text === listMark ? list : list.map(item => replaced(text, { ...places, [listMark]: item }))
  }
  // One pass, so that a prompt which itself contains a mark goes out as it is.
  const replaced = (text: string, values: Readonly<Record<string, Place | number>>): string =>
    text.replace(anyMark, mark => {
      const value = values[mark]
      if (typeof value === 'string') return value
      throw new Error(`${mark} in ${JSON.stringify(text)} of --query-template is no text; let it stand alone`)
    })
  return { body: fillObject(template), marks }
}
