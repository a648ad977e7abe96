import { mediaTypeOf } from '../datasets/images/image-url.ts'

/** Width and height of an image. */
export interface ImageSize {
  readonly widthPx: number
  readonly heightPx: number
}

/** The size that a PNG, JPEG, WebP or GIF says it has; undefined where it says none, and for any other format. */
export const imageSize = (bytes: Buffer): ImageSize | undefined => {
  const read = readers[mediaTypeOf(bytes) ?? '']
  try {
    return read?.(bytes)
  } catch (error) {
    // It ends before that.
    if (error instanceof RangeError) return undefined
    throw error
  }
}

const pngSize = (bytes: Buffer): ImageSize => ({ widthPx: bytes.readUInt32BE(16), heightPx: bytes.readUInt32BE(20) })

const gifSize = (bytes: Buffer): ImageSize => ({ widthPx: bytes.readUInt16LE(6), heightPx: bytes.readUInt16LE(8) })

/** Lossy, lossless, or extended by what is around the picture. */
const webpSize = (bytes: Buffer): ImageSize | undefined => {
  switch (bytes.toString('latin1', 12, 16)) {
    case 'VP8 ':
      return { widthPx: bytes.readUInt16LE(26) & 0x3fff, heightPx: bytes.readUInt16LE(28) & 0x3fff }
    case 'VP8L': {
      const bits = bytes.readUInt32LE(21)
      return { widthPx: (bits & 0x3fff) + 1, heightPx: ((bits >>> 14) & 0x3fff) + 1 }
    }
    case 'VP8X':
      return { widthPx: bytes.readUIntLE(24, 3) + 1, heightPx: bytes.readUIntLE(27, 3) + 1 }
    default:
      return undefined
  }
}

/** Segments stand one behind the other, each with its length; the one that begins a frame has the size. */
const jpegSize = (bytes: Buffer): ImageSize | undefined => {
  let start = 2
  for (;;) {
    // Any number of these bytes may stand before a marker.
    while (bytes.readUInt8(start + 1) === 0xff) start++
    const marker = bytes.readUInt8(start + 1)
    if (bytes.readUInt8(start) !== 0xff) return undefined
    if (isFrame(marker)) return { widthPx: bytes.readUInt16BE(start + 7), heightPx: bytes.readUInt16BE(start + 5) }
    start += 2 + bytes.readUInt16BE(start + 2)
  }
}

/** Tables and extensions lie between the markers of frames. */
const isFrame = (marker: number): boolean => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)

const readers: Readonly<Record<string, (bytes: Buffer) => ImageSize | undefined>> = {
  'image/png': pngSize,
  'image/jpeg': jpegSize,
  'image/gif': gifSize,
  'image/webp': webpSize,
}
