import { isJsonObject, type JsonValue } from '../../model/json.ts'

/** A part of a message's content: text, an image by its address (`data:` or not), or something that we do not know. */
export type ContentPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'image'; readonly url: string }
  | { readonly kind: 'other'; readonly value: JsonValue }

/** The parts of a content in OpenAI's form: a string is one, null none. */
export const contentParts = (content: JsonValue | undefined): readonly ContentPart[] => {
  if (typeof content === 'string') return [{ kind: 'text', text: content }]
  return Array.isArray(content) ? content.map(partOf) : []
}

/** The texts of a content, one after the other. */
export const textOfParts = (parts: readonly ContentPart[]): string =>
  parts.map(part => (part.kind === 'text' ? part.text : '')).join('')

const partOf = (value: JsonValue): ContentPart => {
  if (!isJsonObject(value)) return { kind: 'other', value }
  if (typeof value.text === 'string') return { kind: 'text', text: value.text }
  const image = isJsonObject(value.image_url) ? value.image_url.url : value.image_url
  return typeof image === 'string' ? { kind: 'image', url: image } : { kind: 'other', value }
}
