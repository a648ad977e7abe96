import type { ImageMode, ImageSettings } from '../../model/run-plan.ts'
import type { Rng } from '../../stats/rng.ts'

/** The pixels of a picture: rows from the top, each pixel from the left, a byte for each channel. */
export interface Picture {
  readonly widthPx: number
  readonly heightPx: number
  readonly mode: ImageMode
  readonly pixels: Buffer
}

/** Bytes of a pixel: grey, or red, green, blue, with opacity or without. */
export const channelsOf: Readonly<Record<ImageMode, number>> = { L: 1, RGB: 3, RGBA: 4 }

/** A piece of a row: the first pixel, and the one after the last. */
type Span = readonly [left: number, right: number]

/** The space that a shape fills; right and bottom do not belong to it. */
interface Box {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

/** Which pixels of a row belong to the shape that fills a box. */
type Shape = (row: number, box: Box) => Span

/** A drawn picture: a ground of one colour, and on it one to five rectangles, ellipses and lines. */
export const drawPicture = ({ widthPx, heightPx, mode }: ImageSettings, rng: Rng): Picture => {
  const channels = channelsOf[mode]
  const pixels = Buffer.alloc(widthPx * heightPx * channels, drawColour(mode, rng))
  const shapeCount = rng.integer(1, 5)
  for (let index = 0; index < shapeCount; index++) {
    const shape = shapes[rng.integer(0, shapes.length - 1)] as Shape
    const colour = drawColour(mode, rng)
    const box = drawBox(widthPx, heightPx, rng)
    for (let row = box.top; row < box.bottom; row++) {
      const [left, right] = shape(row, box)
      pixels.fill(colour, (row * widthPx + left) * channels, (row * widthPx + right) * channels)
    }
  }
  return { widthPx, heightPx, mode, pixels }
}

const drawColour = (mode: ImageMode, rng: Rng): Uint8Array =>
  // Opaque: what stands behind a pixel that one can see through is up to who decodes it.
  Uint8Array.from({ length: channelsOf[mode] }, (_, channel) => (channel === 3 ? 255 : rng.integer(0, 255)))

const drawBox = (widthPx: number, heightPx: number, rng: Rng): Box => {
  const left = rng.integer(0, widthPx - 1)
  const top = rng.integer(0, heightPx - 1)
  return { left, top, right: rng.integer(left + 1, widthPx), bottom: rng.integer(top + 1, heightPx) }
}

const rectangle: Shape = (_row, { left, right }) => [left, right]

const ellipse: Shape = (row, { left, top, right, bottom }) => {
  // How far the middle of the row is from the middle of the box, where 1 is its edge.
  const distance = (2 * (row + 0.5 - top)) / (bottom - top) - 1
  const inset = Math.round(((right - left) / 2) * (1 - Math.sqrt(1 - distance * distance)))
  return [left + inset, right - inset]
}

/** From the top left to the bottom right, as wide as a tenth of its box. */
const fallingLine: Shape = (row, { left, top, right, bottom }) => {
  const penPx = Math.ceil((right - left) / 10)
  const reachPx = right - left - penPx
  const from = Math.floor((reachPx * (row - top)) / (bottom - top))
  const to = Math.ceil((reachPx * (row + 1 - top)) / (bottom - top))
  return [left + from, left + to + penPx]
}

const risingLine: Shape = (row, box) => {
  const [left, right] = fallingLine(row, box)
  return [box.left + box.right - right, box.left + box.right - left]
}

const shapes: readonly Shape[] = [rectangle, ellipse, fallingLine, risingLine]
