/** Which field or column of a row holds the image, and which its text. */
export interface ImageFields {
  readonly image: string
  readonly text: string
}

/** An image and its text, as far as a file has them. */
export interface ImageRow {
  /** From 1, within the file. */
  readonly number: number
  /** Where it stands, for messages. */
  readonly place: string
  readonly image: Uint8Array | undefined
  readonly text: string | undefined
}

/** No server takes a larger image; what is larger counts as none, and is not read. */
export const mostImageBytes = 64 * 1024 * 1024

/** A text that may be stored as bytes; undefined for anything else. */
export const textOf = (value: unknown): string | undefined => {
  if (typeof value === 'string') return value
  return value instanceof Uint8Array ? new TextDecoder().decode(value) : undefined
}
