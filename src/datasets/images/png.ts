import type { ImageMode } from '../../model/run-plan.ts'
import type { Picture } from './picture.ts'

/** Makes the bytes of a PNG file. */
export type EncodePng = (picture: Picture) => Buffer

/** The colour types of the format. */
const colourTypes = { L: 0, RGB: 2, RGBA: 6 } as const satisfies Record<ImageMode, number>

/** Each row as what it adds to the row above, 4 times as fast as to try all filters for each. */
const filterUp = 2

/** The encoder, once its library is loaded: only who sends drawn images waits for that. */
export const loadPngEncoder = async (): Promise<EncodePng> => {
  const { PNG } = await import('pngjs')
  return ({ widthPx, heightPx, mode, pixels }) => {
    // Made without a size: it would allocate pixels of its own.
    const image = Object.assign(new PNG(), { width: widthPx, height: heightPx, data: pixels })
    const colorType = colourTypes[mode]
    const inputHasAlpha = mode === 'RGBA'
    return PNG.sync.write(image, { colorType, inputColorType: colorType, inputHasAlpha, filterType: filterUp })
  }
}
