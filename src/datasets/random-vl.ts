import { rngFor } from '../stats/rng.ts'
import type { Dataset } from './dataset.ts'
import { imagePrompt, requireImageMessages } from './images/image-prompt.ts'
import { dataUrl } from './images/image-url.ts'
import { drawPicture } from './images/picture.ts'
import { loadPngEncoder } from './images/png.ts'
import { singleTurn } from './support/prompts.ts'
import { randomRuns } from './support/random-runs.ts'
import { createTextOfIds, requireTokenizer } from './support/random-text.ts'

/** The texts of `random`, each with drawn images behind it. */
export const randomVl: Dataset = {
  names: ['random_vl'],
  isMultiTurn: false,
  needsTokenizer: true,
  appliesOffset: true,
  async *open(context) {
    const { settings, seed, say } = context
    requireImageMessages(context)
    const tokenizer = requireTokenizer(context)
    const textOf = createTextOfIds('random_vl', tokenizer, say)
    const encodePng = await loadPngEncoder()
    const drawUrl = (index: number, place: number): string => {
      const rng = rngFor(seed, 'random_vl', settings.offset + index, place)
      return dataUrl('image/png', encodePng(drawPicture(settings.images, rng)))
    }
    for (const { index, ids, rng } of randomRuns(context, tokenizer)) {
      const text = textOf(ids, rng, `prompt ${index}`)
      const urls = Array.from({ length: settings.images.count }, (_, place) => drawUrl(index, place))
      yield singleTurn(imagePrompt(text, urls))
    }
  },
}
