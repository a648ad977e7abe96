import { isJsonObject, type JsonObject, type JsonValue } from '../model/json.ts'
import { imageSize } from './image-size.ts'

/** The images in a body. */
export interface ImageTokens {
  /** One token for each square of so many pixels that an image is laid out with, whole or begun. */
  readonly tokens: number
  /** Images somewhere else, or of a format that we do not know: of these no token is counted. */
  readonly unknownCount: number
}

/** Tokens of the images in a body as sent, in whichever protocol; models differ, so this is an estimate. */
export const imageTokens = (body: JsonValue, patchPx: number): ImageTokens => {
  const counts = imagesIn(body).map(base64 => tokensOf(base64, patchPx))
  const known = counts.filter(count => count !== undefined)
  return { tokens: known.reduce((sum, count) => sum + count, 0), unknownCount: counts.length - known.length }
}

const tokensOf = (base64: string | undefined, patchPx: number): number | undefined => {
  const size = base64 === undefined ? undefined : imageSize(Buffer.from(base64, 'base64'))
  return size && Math.ceil(size.heightPx / patchPx) * Math.ceil(size.widthPx / patchPx)
}

/** Base64 of each image; undefined for one that is somewhere else. */
const imagesIn = (value: JsonValue | undefined): readonly (string | undefined)[] => {
  if (Array.isArray(value)) return value.flatMap(imagesIn)
  if (!isJsonObject(value)) return []
  const image = imageOf(value)
  if (image !== undefined) return [base64Of(image)]
  // Ollama's stand beside the text of a message.
  const { images, ...rest } = value
  return [...(Array.isArray(images) ? images.map(base64Of) : []), ...Object.values(rest).flatMap(imagesIn)]
}

/** What a part has for its image, in OpenAI's protocols, DashScope's and Anthropic's; undefined where it is none. */
const imageOf = ({ type, image_url: url, image, source }: JsonObject): JsonValue | undefined => {
  if (url !== undefined) return isJsonObject(url) ? url.url : url
  if (typeof image === 'string') return image
  return type === 'image' && isJsonObject(source) ? (source.data ?? source.url) : undefined
}

const base64Of = (address: JsonValue): string | undefined => {
  if (typeof address !== 'string' || /^https?:/.test(address)) return undefined
  return address.startsWith('data:') ? address.slice(address.indexOf(',') + 1) : address
}
