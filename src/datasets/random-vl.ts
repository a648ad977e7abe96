import { rngFor } from '../stats/rng.ts'
import { imagePrompt, requireImageMessages } from './images/image-prompt.ts'
import { dataUrl } from './images/image-url.ts'
import { drawPicture } from './images/picture.ts'
import { loadPngEncoder } from './images/png.ts'
import { drawnDataset } from './support/drawn-dataset.ts'
import { singleTurn } from './support/prompts.ts'
import { drawRuns } from './support/random-runs.ts'
import { createTextOfIds, requireTokenizer } from './support/random-text.ts'

/** Pixels that take as long to draw and encode as a token of text. */
const pixelsPerToken = 300

/** The texts of `random`, each with drawn images behind it. */
export const randomVl = drawnDataset({
  names: ['random_vl'],
  isMultiTurn: false,
  needsTokenizer: true,
  appliesOffset: true,
  async draw(context) {
    const { settings, seed, say } = context
    const { images } = settings
    requireImageMessages(context)
    const tokenizer = requireTokenizer(context)
    const textOf = createTextOfIds('random_vl', tokenizer, say)
    const runs = drawRuns(context, tokenizer)
    const encodePng = await loadPngEncoder()
    const drawUrl = (index: number, place: number): string => {
      const rng = rngFor(seed, 'random_vl', settings.offset + index, place)
      return dataUrl('image/png', encodePng(drawPicture(images, rng)))
    }
    return {
      meanTokens: runs.meanTokens + (images.count * images.widthPx * images.heightPx) / pixelsPerToken,
      at: index => {
        const { ids, rng } = runs.at(index)
        const text = textOf(ids, rng, `prompt ${index}`)
        const urls = Array.from({ length: images.count }, (_, place) => drawUrl(index, place))
        return singleTurn(imagePrompt(text, urls))
      },
    }
  },
})
