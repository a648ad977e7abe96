import { ArgumentsError } from '../errors.ts'
import { isJsonObject } from '../model/json.ts'
import type { Dataset } from './dataset.ts'
import { type FileItems, openItems } from './support/file-items.ts'
import { requirePath, resolveFile } from './support/file-path.ts'
import { lengthOptions } from './support/length-options.ts'
import { usablePrompts } from './support/prompts.ts'

const fileName = 'LongAlpaca-12k.json'

/** Long prompts, books and papers with a question, from the field `instruction` of a JSON array or of JSON Lines. */
export const longalpaca: Dataset = {
  names: ['longalpaca'],
  isMultiTurn: false,
  options: lengthOptions,
  hubFile: {
    modelscope: { repository: 'AI-ModelScope/LongAlpaca-12k', path: fileName },
    huggingface: { repository: 'Yukang/LongAlpaca-12k', path: fileName },
  },
  async *open(context) {
    const file = await resolveFile(requirePath(context, fileName), fileName)
    yield* usablePrompts(readInstructions(await openItems(file, false)), context, file)
  },
}

async function* readInstructions({ read }: FileItems): AsyncGenerator<string> {
  for await (const { place, value } of read()) {
    const instruction = isJsonObject(value) ? value.instruction : undefined
    if (typeof instruction !== 'string') throw new ArgumentsError(`${place}: no field "instruction" with a text in it`)
    const text = instruction.trim()
    if (text !== '') yield text
  }
}
