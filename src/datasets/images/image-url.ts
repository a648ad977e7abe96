/** An image as a `data:` URL. */
export const dataUrl = (mediaType: string, bytes: Uint8Array): string =>
  `data:${mediaType};base64,${asBuffer(bytes).toString('base64')}`

/** The formats that servers take, for a line to the user. */
export const imageFormats = 'PNG, JPEG, WebP or GIF'

/** The type of an image, which its first bytes tell; undefined where that is none of these formats. */
export const mediaTypeOf = (bytes: Uint8Array): string | undefined => {
  const head = asBuffer(bytes.subarray(0, 12)).toString('latin1')
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png'
  if (head.startsWith('\xff\xd8\xff')) return 'image/jpeg'
  if (/^GIF8[79]a/.test(head)) return 'image/gif'
  return /^RIFF.{4}WEBP/s.test(head) ? 'image/webp' : undefined
}

const asBuffer = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer => Buffer.from(buffer, byteOffset, byteLength)
