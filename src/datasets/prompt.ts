import { ArgumentsError } from '../errors.ts'
import type { Dataset } from './dataset.ts'
import { singleTurn, wrapText } from './support/prompts.ts'

/** `--prompt`: one text for all requests; stands above `--dataset` and knows no length limits. */
export const promptDataset: Dataset = {
  names: ['prompt'],
  isMultiTurn: false,
  *open({ settings }) {
    if (settings.prompt === undefined) throw new ArgumentsError('--dataset prompt needs a text; give it with --prompt')
    yield singleTurn(wrapText(settings.prompt, settings.chat))
  },
}
